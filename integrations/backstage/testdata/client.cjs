// Asks the official client everything that it can ask here, and prints the answers as one JSON object.
const { CatalogClient, CATALOG_FILTER_EXISTS } = require('@backstage/catalog-client');

const client = new CatalogClient({ discoveryApi: { getBaseUrl: async id => `${process.env.BASE_URL}/api/${id}` } });
const options = { token: process.env.TOKEN };
const name = e => e && `${e.kind}:${e.metadata.namespace}/${e.metadata.name}`;

async function main() {
  const out = {};
  const all = await client.getEntities({}, options);
  out.all = all.items.map(name);
  out.filtered = (await client.getEntities({
    filter: [{ kind: ['user', 'group'] }, { kind: 'Component', 'metadata.annotations.github.com/project-slug': CATALOG_FILTER_EXISTS }],
    order: { field: 'metadata.name', order: 'desc' },
  }, options)).items.map(name);
  out.page = (await client.getEntities({ limit: 2, offset: 1 }, options)).items.map(name);
  out.fields = (await client.getEntities({ filter: { kind: 'group' }, fields: ['kind', 'metadata.name'] }, options)).items;

  const first = await client.queryEntities({ limit: 4, orderFields: { field: 'metadata.name', order: 'asc' } }, options);
  const second = await client.queryEntities({ limit: 4, cursor: first.pageInfo.nextCursor }, options);
  const back = await client.queryEntities({ limit: 4, cursor: second.pageInfo.prevCursor }, options);
  out.pages = [first, second, back].map(p => p.items.map(name));
  out.total = second.totalItems;
  out.found = (await client.queryEntities({ fullTextFilter: { term: 'more', fields: ['metadata.name', 'metadata.title'] } }, options)).items.map(name);
  out.streamed = [];
  for await (const page of client.streamEntities({ pageSize: 4 }, options)) out.streamed.push(page.length);

  const payments = await client.getEntityByRef('component:default/payments', options);
  out.relations = payments.relations;
  out.none = (await client.getEntityByRef('component:nothing', options)) === undefined;
  out.refs = (await client.getEntitiesByRefs({ entityRefs: ['user:default/alice', 'component:default/nothing'] }, options)).items.map(i => name(i) || null);
  out.facets = (await client.getEntityFacets({ facets: ['spec.type'], filter: { kind: 'component' } }, options)).facets;
  try {
    await client.getEntities({}, { token: 'wrong' });
  } catch (e) {
    out.refused = [e.statusCode, e.cause.name, e.cause.message];
  }
  console.log(JSON.stringify(out));
}

main().catch(e => {
  console.error(e);
  process.exit(1);
});
