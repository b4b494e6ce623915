package catalogtest

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// Company is a generated company, the same each time: components service-0, service-1 … in files of 500 documents, a team
// with a system and a database for fifty of them, and five people a team. For measuring.
func Company(components int) fstest.MapFS {
	files := fstest.MapFS{}
	var text strings.Builder
	for i := range components {
		fmt.Fprintf(&text, `---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: service-%[1]d
  title: Service number %[1]d
  description: Does what service %[1]d does, and does it well.
  annotations:
    github.com/project-slug: acme/service-%[1]d
  tags: [go, backend]
  links:
    - {url: https://grafana.acme.example/d/%[1]d, title: Dashboard, icon: dashboard}
    - {url: https://docs.acme.example/%[1]d, title: Runbook}
spec:
  type: service
  lifecycle: production
  owner: team-%[2]d
  system: system-%[2]d
  dependsOn: [component:service-%[3]d, resource:database-%[2]d]
`, i, i/50, (i+1)%components)
		if i%500 == 499 || i == components-1 {
			files[fmt.Sprintf("components-%05d.yaml", i)] = &fstest.MapFile{Data: []byte(text.String())}
			text.Reset()
		}
	}
	for team := range components/50 + 1 {
		fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-%[1]d, title: Team %[1]d, annotations: {slack.com/channel: team-%[1]d}}\nspec: {type: team, children: []}\n", team)
		fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: system-%[1]d}\nspec: {owner: team-%[1]d}\n", team)
		fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: database-%[1]d}\nspec: {type: database, owner: team-%[1]d, system: system-%[1]d}\n", team)
		for person := range 5 {
			fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: person-%[1]d}\nspec: {profile: {displayName: Person %[1]d, email: p%[1]d@acme.example}, memberOf: [team-%[2]d]}\n", team*5+person, team)
		}
	}
	files["teams.yaml"] = &fstest.MapFile{Data: []byte(text.String())}
	return files
}
