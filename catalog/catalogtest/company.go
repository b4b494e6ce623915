package catalogtest

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// documentsInFile is how many documents a generated file has.
const documentsInFile = 500

// Company is a generated company, the same each time: components service-0, service-1 … in files of 500 documents, a team for
// fifty of them, and five people a team: of 10,000 components that makes 11,200 entities. For measuring.
func Company(components int) fstest.MapFS {
	c := company{files: fstest.MapFS{}}
	for i := range components {
		c.add("components", fmt.Sprintf(`---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: service-%[1]d
  title: Service number %[1]d
  description: %[4]s what service %[1]d %[5]s, for %[6]s, and does it well.
  annotations:
    github.com/project-slug: acme/service-%[1]d
  tags: [go, %[6]s]
  links:
    - {url: https://grafana.acme.example/d/%[1]d, title: Dashboard, icon: dashboard}
    - {url: https://docs.acme.example/%[1]d, title: Runbook}
spec:
  type: service
  lifecycle: production
  owner: team-%[2]d
  dependsOn: [component:service-%[3]d]
`, i, i/50, (i+1)%components, pick(verbs, i), pick(doings, i/7), pick(subjects, i/3)))
	}
	c.end("components")
	for team := range (components + 49) / 50 {
		c.add("teams", fmt.Sprintf("---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-%[1]d, title: Team %[1]d, annotations: {slack.com/channel: team-%[1]d}}\nspec: {type: team, children: []}\n", team))
		for person := range 5 {
			c.add("teams", fmt.Sprintf("---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: person-%[1]d}\nspec: {profile: {displayName: Person %[1]d, email: p%[1]d@acme.example}, memberOf: [team-%[2]d]}\n", team*5+person, team))
		}
	}
	c.end("teams")
	return c.files
}

var (
	verbs    = []string{"Checks", "Collects", "Counts", "Delivers", "Forwards", "Gathers", "Keeps", "Prints", "Reads", "Sends", "Settles", "Watches", "Writes"}
	doings   = []string{"books", "charges", "compares", "draws", "exports", "fetches", "finds", "measures", "packs", "refunds", "renders", "sells", "sorts", "stores", "translates"}
	subjects = []string{"accounts", "addresses", "batches", "carts", "claims", "contracts", "customers", "devices", "discounts", "fleets", "invoices", "ledgers", "mailings", "orders", "parcels", "payments", "prices", "quotas", "reports", "returns", "routes", "sensors", "stocks", "tickets", "vouchers", "warehouses"}
)

// pick gives every word in turn, the next after each round shifted, so that pairs of words differ.
func pick(words []string, n int) string { return words[(n+n/len(words))%len(words)] }

// company gathers documents in files.
type company struct {
	files     fstest.MapFS
	text      strings.Builder
	documents int
}

func (c *company) add(of, document string) {
	c.text.WriteString(document)
	if c.documents++; c.documents%documentsInFile == 0 {
		c.end(of)
	}
}

// end closes the present file, which is called after the number of its last document, from 0.
func (c *company) end(of string) {
	if c.text.Len() > 0 {
		c.files[fmt.Sprintf("%s-%05d.yaml", of, c.documents-1)] = &fstest.MapFile{Data: []byte(c.text.String())}
		c.text.Reset()
	}
}
