package catalog

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// label is a field of a log line that tells what wrote it: service=payments, "service": "payments".
	label = regexp.MustCompile(`(?i)\b((?:kubernetes\.|dd\.|k8s\.|docker\.)?(?:service|svc|app|application|app_name|component|container|container_name|pod|pod_name|deployment|job|host|hostname|logger|image|repo|repository|project|module|system|service\.name|service_name|source|upstream|target|database|db|queue|topic))["']?\s*[=:]\s*["']?([A-Za-z@][\w./@:-]*)`)
	// bracketed is a name that stands before a line of its log: [payments], payments |, payments[123]:
	bracketed = regexp.MustCompile(`\[([A-Za-z][\w.-]{2,60})\]|^\s*([A-Za-z][\w.-]{2,60})\s+\||\b([A-Za-z][\w-]{2,60})\[\d+\]:`)
	// pod is how Kubernetes calls one process of a deployment.
	pod = regexp.MustCompile(`\b([a-z][a-z0-9-]*?)-[a-f0-9]{6,10}-[a-z0-9]{5}\b`)
	// withPort is a name that something listens under: payments:8080.
	withPort = regexp.MustCompile(`\b([a-z][a-z0-9-]{2,60}):\d{2,5}\b`)
	// image is a container's: ghcr.io/acme/payments:1.2.
	image = regexp.MustCompile(`\b((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/[\w./-]+?)(?::[\w][\w.-]*|@sha256:[a-f0-9]+)?(?:$|[\s"',)\]])`)
	// npmName is a package with its scope, and how GitHub writes a team.
	npmName = regexp.MustCompile(`(?:^|[\s"'(\[=:])(@[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)`)
	// handle is a person or a team as people write them.
	handle = regexp.MustCompile(`(?:^|[\s"'(\[])@([A-Za-z0-9][\w-]{1,38})(?:$|[\s"')\],.;:!?])`)
	email  = regexp.MustCompile(`\b[\w.+-]+(?:\[bot\])?@[A-Za-z0-9][\w-]*(?:\.[\w-]+)+\b`)
	// dotted is a package or a host: at least two parts, letters first.
	dotted = regexp.MustCompile(`\b[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w$-]*)+(?::\d{2,5})?\b`)
	word   = regexp.MustCompile(`[\p{L}\d][\p{L}\d_-]{2,62}`)
)

// labels are names that stand where log lines name their writer.
func (s *clueScan) labels(line string) {
	for _, m := range label.FindAllStringSubmatch(line, 20) {
		value := strings.TrimRight(m[2], ".:/-")
		s.add(Clue{Kind: ClueName, Text: m[1] + "=" + value, Names: serviceNames(value)})
	}
	for _, m := range bracketed.FindAllStringSubmatch(line, 5) {
		name := m[1] + m[2] + m[3]
		s.add(Clue{Kind: ClueName, Text: name, Names: serviceNames(name)})
	}
	for _, m := range pod.FindAllStringSubmatch(line, 5) {
		s.add(Clue{Kind: ClueName, Text: m[0], Names: m[1:2]})
	}
	for _, m := range withPort.FindAllStringSubmatch(line, 5) {
		s.add(Clue{Kind: ClueName, Text: m[0], Names: m[1:2]})
	}
}

// serviceNames are the names that a value of a log field may hold: the value, a pod's deployment, an image's last part, a host's
// first.
func serviceNames(value string) []string {
	names := []string{value}
	add := func(name string) {
		if len(name) > 2 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if m := pod.FindStringSubmatch(value); m != nil {
		add(m[1])
	}
	last := value[strings.LastIndexByte(value, '/')+1:]
	last, _, _ = strings.Cut(last, "@")
	last, _, _ = strings.Cut(last, ":")
	add(last)
	first, _, _ := strings.Cut(last, ".")
	add(first)
	return names
}

// loose are the clues that may stand anywhere in a line.
func (s *clueScan) loose(line string) {
	for _, m := range npmName.FindAllStringSubmatch(line, 10) {
		s.add(Clue{Kind: ClueTeam, Text: m[1], Slug: m[1][1:], Names: m[1:2]})
	}
	for _, m := range handle.FindAllStringSubmatch(line, 10) {
		s.add(Clue{Kind: ClueLogin, Text: "@" + m[1], Names: m[1:2]})
	}
	for _, address := range email.FindAllString(line, 10) {
		s.add(Clue{Kind: ClueEmail, Text: address, Names: []string{address}})
	}
	for _, field := range strings.Fields(line) {
		if field = strings.Trim(field, `"'`+"`"+`()[]{}<>,;:!?*_`); fileLike(field) && len(field) < 300 {
			s.add(Clue{Kind: ClueFile, Text: fileText(field, ""), Path: cleanPath(field)})
		}
	}
	line = email.ReplaceAllString(line, " ")
	for _, m := range image.FindAllStringSubmatch(line, 10) {
		parts := strings.Split(m[1], "/")
		if c, ok := gitHubClue(parts[0], parts[1:]); ok {
			s.add(c)
		} else if !strings.Contains(strings.TrimPrefix(m[0], parts[0]), ":") && !strings.Contains(parts[0], ":") { // no image
			s.goPackage(m[1], "", "")
		}
		s.add(Clue{Kind: ClueAddress, Text: m[1], Slug: strings.Join(parts[1:min(3, len(parts))], "/"), Names: addressKeys("https://" + m[1])})
		s.add(Clue{Kind: ClueName, Text: m[1], Names: parts[len(parts)-1:]})
		s.host(parts[0])
	}
	line = sourceFile.ReplaceAllString(image.ReplaceAllString(line, " "), " ")
	for _, name := range dotted.FindAllString(line, 20) {
		name, _, _ = strings.Cut(name, ":")
		if !strings.Contains(name, "-") {
			s.add(Clue{Kind: CluePackage, Text: name, Names: packageNames(name, ".")})
		}
		s.host(name)
	}
}

// host is a machine's or a site's name, whose first part may be a component's: payments.internal.
func (s *clueScan) host(name string) {
	name = strings.TrimPrefix(strings.ToLower(name), "www.")
	if first, _, ok := strings.Cut(name, "."); ok && strings.ContainsFunc(first, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
		s.add(Clue{Kind: ClueHost, Text: name, Names: []string{name, first}})
	}
}

// words are all else that may be a name; those that look like one first: with a hyphen, with a number in them.
func (s *clueScan) words(text string) []Clue {
	var named, plain []Clue
	text = addressPattern.ReplaceAllString(text, " ")
	had := map[string]bool{}
	for _, w := range word.FindAllString(text, 2_000) {
		w = strings.TrimRight(w, "-_")
		lower := strings.ToLower(w)
		if had[lower] || isCommon(lower) || strings.Trim(w, "0123456789-_") == "" {
			continue
		}
		had[lower] = true
		c := Clue{Kind: ClueWord, Text: w, Names: []string{lower}}
		if strings.ContainsAny(w, "-_0123456789") {
			named = append(named, c)
		} else {
			plain = append(plain, c)
		}
	}
	all := append(named, plain...)
	return all[:min(len(all), maxClueWords)]
}

// isCommon tells a word that says nothing by itself; a component that is called so is still found by its full reference.
func isCommon(word string) bool { return strings.Contains(commonWords, " "+word+" ") }

const commonWords = ` about above after again against ago all already also although always and another any anybody anyone anything are around back ` +
	`because been before behind being below better between both bug but call called came can cannot caused check come could current customer customers ` +
	`day days debug did different does doing done down due during each either else end error errors even ever every exception exit fail failed failing ` +
	`failure fatal few file find fine first fix fixed for found from function get gets getting give gone good got had happened happening happens has ` +
	`have having hello help her here hey hi him his home how http https info issue issues its just keep know last late later least less let like line ` +
	`little log logs long look looking looks lot made main make many may maybe message might mine minute minutes more most much must need needed needs ` +
	`never new next nil nobody none not nothing now null off often okay old once one only open other others our out over own owner owns panic ` +
	`part people please pls possible problem production put question rather really request response right run running said same saw say says see seem ` +
	`seems seen server service set several she should show since some somebody someone something soon staging start started still stop such sure take ` +
	`tell test tests than thank thanks that the their them then there these they thing things think this those time times today together told tomorrow ` +
	`too took trace true try trying two under until use used user users using very wait want wanted wants warn warning was way week well went were what ` +
	`when where whether which while who whole whose why will with within without work working works would wrong yes yesterday yet you your `
