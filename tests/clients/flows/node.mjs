// @google-cloud/bigquery: queries, pages, parameters, DDL and DML, a load, a dry run, a script, a refusal.
import {writeFileSync} from 'node:fs';
import {BigQuery} from '@google-cloud/bigquery';

const bigquery = new BigQuery();
const told = {};

[told.rows] = await bigquery.query('SELECT customer_id FROM shop.customers ORDER BY customer_id LIMIT 3');
[told.parameters] = await bigquery.query({query: 'SELECT @a AS a, @b AS b', params: {a: 7, b: ['x', 'y']}});

const numbers = 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n';
const [job] = await bigquery.createQueryJob({query: numbers, labels: {team: 'finance'}});
told.paged = [];
for (let ask = {maxResults: 1000, autoPaginate: false}; ask; ) {
  const [page, next] = await job.getQueryResults(ask);
  told.paged.push([page.length, page.at(-1).n]);
  ask = next;
}
let streamed = 0;
for await (const row of bigquery.createQueryStream(numbers)) streamed += row.n;
told.streamed = streamed;

const [dataset] = await bigquery.createDataset('from_node');
await bigquery.query('CREATE TABLE from_node.t (a INT64, b STRING)');
const table = dataset.table('t');
await table.insert([{a: 1, b: 'inserted'}]);
writeFileSync('rows.csv', '2,loaded\n3,loaded\n');
const [load] = await table.load('rows.csv', {sourceFormat: 'CSV'});
told.load = [load.status.state, load.statistics.load.outputRows];
await bigquery.query('UPDATE from_node.t SET b = "changed" WHERE a = 3');
const [listed] = await table.getRows();
told.table = listed.map(row => [row.a, row.b]).sort();

const [dry] = await bigquery.createQueryJob({query: 'SELECT email FROM shop.customers', dryRun: true});
told.dryBytes = Number(dry.metadata.statistics.totalBytesProcessed);
const [script] = await bigquery.createQueryJob('DECLARE x INT64 DEFAULT 2; SELECT x * 21 AS y');
[told.script] = await script.getQueryResults();
const [jobs] = await bigquery.getJobs({parentJobId: script.id});
told.children = jobs.length;

told.denials = [];
for (const ask of [() => bigquery.query(process.env.HISTORY), () => bigquery.createQueryJob(process.env.HISTORY)]) {
  await ask().catch(error => told.denials.push([error.code, error.message]));
}
await dataset.delete({force: true});
console.log(JSON.stringify(told));
