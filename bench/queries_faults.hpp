// Faults that are planted in a PostgreSQL server, and statements that are well. {n} is how many rows the
// largest table has.
#pragma once

#include <string>
#include <vector>

namespace faults {

struct Fault {
  std::string name;
  std::string code;       // the cause that has to be told first; empty: none may be told
  std::string plant;      // statements, one a line
  std::string statement;  // that is slow
  std::string rewritten;  // by hand as the remedy says, where the remedy is no SQL
  std::string prepare;    // statements before the rewritten one
};

// Orders of 5,000 customers, one in a hundred of them open, one a minute.
inline const std::string kOrders =
    "create table orders as select i as id, i % 5000 as customer, ((i::bigint * 7919) % 1000)::int as total, "
    "md5(i::text) "
    "as "
    "note, timestamp '2026-01-01' + i * interval '1 minute' as created, case when i % 100 = 0 then 'open' "
    "else "
    "'closed' end as status from generate_series(1, {n}) i\n";
inline const std::string kAnalyzed = kOrders + "vacuum analyze orders\n";
inline const std::string kKeyed =
    kOrders + "alter table orders add primary key (id)\nvacuum analyze orders\n";

// Rows that came after the statistics were gathered.
inline const std::string kGrown =
    "create table events (id int, kind int, note text)\ninsert into events select i, 1, 'x' from "
    "generate_series(1, 100) i\nanalyze events\ninsert into events select i, 2, md5(i::text) from "
    "generate_series(1, {n}) i\n";
inline const std::string kPeople =
    "create table people as select i as id, 'Name' || i || '@example.org' as mail, ('C' || lpad(i::text, 9, "
    "'0'))::varchar as code, i as number, timestamp '2026-01-01' + i * interval '1 minute' as born from "
    "generate_series(1, {n}) i\nalter table people add primary key (id)\ncreate index on people "
    "(mail)\ncreate "
    "index on people (code)\ncreate index on people (number)\ncreate index on people (born)\nvacuum analyze "
    "people\n";
inline const std::string kDocuments =
    "create table documents as select i as id, ((i::bigint * 7919) % 1000)::int as rank, "
    "repeat(md5(i::text), 30) as body "
    "from "
    "generate_series(1, {n} / 3) i\nalter table documents alter body set storage plain\nvacuum analyze "
    "documents\n";
inline const std::string kDays =
    "create table days (day int, id int, note text) partition by range (day)\ndo $$ begin for d in 0..99 "
    "loop "
    "execute format('create table days_%s partition of days for values from (%s) to (%s)', d, d, d + 1); end "
    "loop; end $$\ninsert into days select i % 100, i, md5(i::text) from generate_series(1, {n}) i\ncreate "
    "index "
    "on days (id)\nanalyze days\n";

inline std::vector<Fault> planted() {
  std::vector<Fault> out;
  const auto add = [&](std::string name, std::string code, std::string plant, std::string statement,
                       std::string rewritten = {}, std::string prepare = {}) {
    out.push_back({std::move(name), std::move(code), std::move(plant), std::move(statement),
                   std::move(rewritten), std::move(prepare)});
  };
  // Indexes that are not there.
  add("no index, equal", "seqscan_discard", kAnalyzed, "select * from orders where customer = 42");
  add("no index, two columns", "seqscan_discard", kAnalyzed,
      "select * from orders where customer = 42 and total > 990");
  add("no index, range", "seqscan_discard", kAnalyzed,
      "select * from orders where created between '2026-01-02' and '2026-01-02 01:00'");
  add("no index, list", "seqscan_discard", kAnalyzed, "select * from orders where customer in (1, 2, 3, 4)");
  add("no index, rare state", "seqscan_discard", kAnalyzed,
      "select count(*), max(total) from orders where status = 'open'");
  add("no index, pattern with a beginning", "seqscan_discard", kAnalyzed,
      "select * from orders where note like 'abcd%'");
  add("no index, update", "seqscan_discard", kAnalyzed, "update orders set total = 0 where customer = 7");
  add("no index, delete", "seqscan_discard", kAnalyzed, "delete from orders where customer = 7");
  add("no index, below a join", "seqscan_discard",
      kAnalyzed +
          "create table customers as select i as id, 'n' || i as name from generate_series(0, 4999) "
          "i\nalter table customers add primary key (id)\nanalyze customers",
      "select c.name, o.total from orders o join customers c on c.id = o.customer where o.note = md5('77')");
  add("no index, newest of one", "seqscan_discard", kAnalyzed,
      "select * from orders where customer = 42 order by created desc limit 5");
  add("index on another column", "inefficient_index",
      kOrders +
          "create index on orders (status)\nupdate orders set status = case when id % 2 = 0 then 'open' else "
          "'closed' end\nvacuum analyze orders\nset enable_seqscan = off",
      "select * from orders where status = 'open' and customer = 42");
  add("index for a range alone", "inefficient_index",
      kOrders + "create index on orders (created)\nvacuum analyze orders\nset enable_seqscan = off",
      "select * from orders where created < '2026-03-01' and note = md5('88')");
  add("bitmap for a column that says little", "inefficient_index",
      kOrders +
          "create index on orders (total)\nvacuum analyze orders\nset enable_seqscan = off\nset "
          "enable_indexscan = off",
      "select * from orders where total < 500 and customer = 41");
  add("order of an index, rows at its end", "order_limit_index",
      kOrders +
          "update orders set status = case when id < {n} / 50 then 'open' else 'closed' end\ncreate index "
          "orders_created on orders (created desc)\nvacuum analyze orders",
      "select * from orders where status = 'open' order by created desc limit 10");
  add("order of a key, rows at its end", "order_limit_index",
      kOrders +
          "update orders set total = case when id > {n} - {n} / 50 then 5 else 6 end\nalter table orders add "
          "primary key (id)\nvacuum analyze orders",
      "select * from orders where total = 5 order by id limit 10");

  // Statistics.
  add("statistics before a load, joined", "stale_stats",
      kGrown +
          "create table kinds as select i as id, i % 10 as weight from generate_series(0, 99) i\nanalyze "
          "kinds",
      "select count(*), sum(k.weight) from events e join kinds k on k.id = e.id % 100 where e.kind = 2");
  add("statistics before a load, sums above", "stale_stats", kGrown,
      "select note, count(*) from events where kind = 2 group by note order by 2 desc limit 10");
  add("no statistics", "stale_stats",
      "create table loaded (id int, kind int, note text)\ninsert into loaded select i, 2, md5(i::text) from "
      "generate_series(1, {n}) i",
      "select note, count(*) from loaded where kind = 2 group by note order by 2 desc limit 10");
  add("two columns that go together", "correlated_columns",
      "create table addresses as select i as id, i % 20 as city, i % 20 as country from generate_series(1, "
      "{n}) "
      "i\ncreate index on addresses (city, country)\ncreate table people as select i as id, i as address "
      "from "
      "generate_series(1, {n}) i\ncreate index on people (address)\nvacuum analyze addresses\nvacuum analyze "
      "people",
      "select count(p.id) from addresses a join people p on p.address = a.id where a.city = 5 and a.country "
      "= 5");
  add("three columns that go together", "correlated_columns",
      "create table cars as select i as id, i % 4 as maker, i % 4 as model, i % 4 as engine from "
      "generate_series(1, {n}) i\nvacuum analyze cars",
      "select id % 1000, count(*), max(md5(id::text)) from cars where maker = 2 and model = 2 and engine = 2 "
      "group by "
      "1 order by 2 desc");
  add("groups of columns that go together", "correlated_columns",
      "create table sales as select i as id, i % 200 as city, i % 200 / 2 as country, i % 200 / 4 as region "
      "from "
      "generate_series(1, {n}) i\ncreate table cities as select i as id, md5(i::text) as name from "
      "generate_series(1, "
      "{n}) i\ncreate index on cities (id)\nvacuum analyze sales\nvacuum analyze cities\nset "
      "enable_mergejoin = off",
      "select count(c.name), max(g.c) from (select city, country, region, count(*) as c from sales group by "
      "city, "
      "country, region) g join cities c on c.id = g.city");
  add("a nested loop that was to be short", "stale_stats",
      "create table a (id int, g int)\ncreate table b as select i as id, i % 100 as v from "
      "generate_series(1, "
      "300) i\ninsert into a values (1, 1)\nanalyze a\nanalyze b\ninsert into a select i % 300, 2 from "
      "generate_series(1, {n} / 10) i",
      "select count(*) from a join b on a.id > b.id where a.g = 2");
  add("one plan for all values", "generic_plan",
      kOrders +
          "update orders set status = case when id % 1000 = 0 then 'open' || id else 'closed' end\ncreate "
          "index on orders (status)\nvacuum analyze orders\nset plan_cache_mode = "
          "force_generic_plan\nprepare "
          "p as select count(*), max(note) from orders where status = $1",
      "execute p('closed')");
  add("one plan for all ranges", "generic_plan",
      kOrders +
          "create index on orders (created)\nvacuum analyze orders\nset plan_cache_mode = "
          "force_generic_plan\nprepare p as select o.total, count(*) from orders o where created > $1 and "
          "created < $2 group by 1 order by 2",
      "execute p('2026-01-01', '2036-01-01')");

  // Shapes of statements.
  add("OR over two tables of a join", "or_across_join",
      "create table a as select i as x, i * 3 as y from generate_series(1, {n} / 60) i\ncreate table b as "
      "select i "
      "* 2 as x, i as y from generate_series(1, {n} / 60) i\nvacuum analyze a\nvacuum analyze b",
      "select count(*) from a join b on a.x = b.x or a.y = b.y",
      "select count(*) from (select a.ctid, b.ctid from a join b on a.x = b.x union select a.ctid, b.ctid "
      "from a "
      "join b on a.y = b.y) u");
  add("OR over two tables of a condition", "or_across_join",
      kKeyed +
          "create table lines as select i as id, i as order_id, i % 7919 as sku from generate_series(1, {n}) "
          "i\ncreate index on lines (sku)\ncreate index on lines (order_id)\ncreate index on orders "
          "(customer)\nvacuum analyze lines",
      "select count(*) from orders o join lines l on l.order_id = o.id where o.customer = 17 or l.sku = 17",
      "select count(*) from (select o.id, l.id from orders o join lines l on l.order_id = o.id where "
      "o.customer = "
      "17 union select o.id, l.id from orders o join lines l on l.order_id = o.id where l.sku = 17) u");
  add("large offset", "large_offset", kKeyed, "select * from orders order by id offset {n} - 1000 limit 20",
      "select * from orders where id > {n} - 1000 order by id limit 20");
  add("large offset after a sort", "large_offset",
      kOrders + "create index on orders (created, id)\nvacuum analyze orders",
      "select * from orders order by created, id offset {n} - 2000 limit 20",
      "select * from orders where (created, id) > (timestamp '2026-01-01' + ({n} - 2000) * interval '1 "
      "minute', "
      "{n} - 2000) order by created, id limit 20");
  add("sub-select for each row", "subplan_loops",
      "create table customers as select i as id from generate_series(1, 1500) i\ncreate table o as select i "
      "% 1500 "
      "as customer, i as total from generate_series(1, {n} / 30) i\nanalyze",
      "select id, (select sum(total) from o where customer = c.id) from customers c",
      "select c.id, s.total from customers c left join (select customer, sum(total) total from o group by "
      "customer) s on s.customer = c.id");
  add("sub-select in a condition for each row", "subplan_loops",
      "create table o as select i as id, i % 500 as customer, i % 97 as total from generate_series(1, 1000 + "
      "{n} / "
      "100) i\nanalyze",
      "select count(*) from o x where total > (select avg(total) from o y where y.customer = x.customer)",
      "select count(*) from o x join (select customer, avg(total) a from o group by customer) y on "
      "y.customer = "
      "x.customer where x.total > y.a");
  add("everything made, one row used", "unused_work", kKeyed,
      "with recent as materialized (select * from orders) select * from recent where id = 77",
      "with recent as not materialized (select * from orders) select * from recent where id = 77");
  add("everything numbered, one customer used", "unused_work",
      kOrders + "create index on orders (customer)\nvacuum analyze orders",
      "select * from (select o.*, row_number() over (order by customer, id) r from orders o) s where "
      "customer = 7",
      "select * from (select o.*, row_number() over (order by customer, id) r from orders o where customer = "
      "7) "
      "s");
  add("lower() of a column", "func_on_column", kPeople,
      "select * from people where lower(mail) = 'name77@example.org'");
  add("substr() of a column", "func_on_column", kPeople,
      "select * from people where substr(code, 2, 9) = '000000077'");
  add("a day of a column", "func_on_column", kPeople,
      "select count(*), max(mail) from people where born::date = '2026-01-05'",
      "select count(*), max(mail) from people where born >= '2026-01-05' and born < '2026-01-06'");
  add("date_trunc() of a column", "func_on_column", kPeople,
      "select count(*), max(mail) from people where date_trunc('hour', born) = '2026-01-05 07:00'",
      "select count(*), max(mail) from people where born >= '2026-01-05 07:00' and born < '2026-01-05 "
      "08:00'");
  add("arithmetic on a column", "func_on_column", kPeople, "select * from people where number + 1 = 78",
      "select * from people where number = 77");
  add("a number of another type", "type_mismatch", kPeople, "select * from people where number = 77::numeric",
      "select * from people where number = 77");
  add("a number compared as text", "type_mismatch", kPeople, "select * from people where number::text = '77'",
      "select * from people where number = 77");
  add("pattern that begins anywhere", "leading_wildcard", kPeople,
      "select * from people where mail like '%ame777@ex%'");
  add("pattern whatever the case", "leading_wildcard", kPeople,
      "select * from people where mail ilike 'nAME777@%'");

  // Memory and disk.
  add("sort through disk", "disk_sort", kAnalyzed + "set work_mem = '1MB'",
      "select * from orders order by note");
  add("sort of a window through disk", "disk_sort", kAnalyzed + "set work_mem = '1MB'",
      "select max(r) from (select rank() over (partition by customer order by note) r from orders) s");
  add("hash table through disk", "hash_batches",
      kAnalyzed +
          "create table more as select * from orders\nanalyze more\nset work_mem = '1MB'\nset "
          "hash_mem_multiplier = 1\nset enable_mergejoin = off",
      "select count(*) from orders a join more b on a.note = b.note where a.total + b.total > 0");
  add("groups through disk", "hashagg_disk",
      kAnalyzed + "set work_mem = '1MB'\nset hash_mem_multiplier = 1\nset enable_sort = off",
      "select note, count(*) from orders group by note");
  add("lossy bitmap", "lossy_bitmap",
      "create table wide as select i as id, ((i::bigint * 7919) % 1000)::int as v, repeat('x', 500) as pad "
      "from "
      "generate_series(1, "
      "{n}) i\ncreate index on wide (v)\nvacuum analyze wide\nset work_mem = '64kB'\nset enable_seqscan = "
      "off\nset "
      "enable_indexscan = off",
      "select count(pad) from wide where v between 100 and 400");
  add("wide rows through a sort", "wide_row", kDocuments + "set work_mem = '2MB'",
      "select * from (select *, row_number() over (order by rank, id) r from documents) s where r between 1 "
      "and 10",
      "select d.* from (select id, row_number() over (order by rank, id) r from documents) s join documents "
      "d on "
      "d.id = s.id where r between 1 and 10");
  add("wide rows through a hash table", "wide_row",
      kDocuments +
          "create index on documents (id)\nset work_mem = '2MB'\nset hash_mem_multiplier = 1\nset "
          "enable_mergejoin = off\nset enable_nestloop = off",
      "select a.id, a.body, b.body from documents a join documents b on b.id = a.rank order by a.id limit 10",
      "select a.id, a.body, b.body from (select x.id, y.id as other from documents x join documents y on "
      "y.id = "
      "x.rank order by x.id limit 10) k join documents a on a.id = k.id join documents b on b.id = k.other",
      "set enable_nestloop = on");

  // The server.
  add("index-only scan of a table never vacuumed", "ios_heap_fetches",
      kOrders +
          "create index on orders (customer, total)\nanalyze orders\nset enable_seqscan = off\nset "
          "enable_bitmapscan = off",
      "select sum(total) from orders where customer < 2500");
  add("index-only scan after an update of all", "ios_heap_fetches",
      kOrders +
          "create index on orders (id)\nvacuum analyze orders\nupdate orders set total = total + 1\nset "
          "enable_seqscan = off\nset enable_bitmapscan = off",
      "select count(*) from orders where id < {n} / 2");
  add("a foreign key without an index", "missing_fk_index",
      "create table parent (id int primary key)\ncreate table child (parent int references parent, v "
      "int)\ninsert "
      "into parent select i from generate_series(1, 2000) i\ninsert into child select 1, i from "
      "generate_series(1, "
      "{n}) i\nanalyze",
      "delete from parent where id between 100 and 150");
  add("a foreign key that sets null, without an index", "missing_fk_index",
      "create table parent (id int primary key)\ncreate table child (id int primary key, parent int "
      "references "
      "parent on delete set null)\ninsert into parent select i from generate_series(1, 2000) i\ninsert into "
      "child "
      "select i, i % 2000 + 1 from generate_series(1, {n}) i\nanalyze",
      "delete from parent where id between 100 and 130");
  add("a trigger that counts", "trigger_heavy",
      "create table t (id int, v int)\ncreate table log as select i as id from generate_series(1, {n}) "
      "i\ncreate "
      "function note() returns trigger language plpgsql as $$ begin perform count(*) from log; return new; "
      "end "
      "$$\ncreate trigger note after insert on t for each row execute function note()",
      "insert into t select i, i from generate_series(1, 20) i",
      "insert into t select i, i from "
      "generate_series(1, 20) i",
      "drop trigger note on t");
  add("compiled, and short", "jit_heavy",
      "create table t as select i as a, i as b from generate_series(1, {n} / 30) i\nanalyze t\nset jit = "
      "on\nset "
      "jit_above_cost = 0\nset jit_inline_above_cost = 0\nset jit_optimize_above_cost = 0",
      "select a % 7, sum(b * 2 + a), max(a - b) from t where a + b > 10 and a * b > 20 group by 1");
  const std::string ten =
      "select count(*) from t0 join t1 using (id) join t2 using (id) join t3 using (id) join t4 using (id) "
      "join t5 "
      "using (id) join t6 using (id) join t7 using (id) join t8 using (id) join t9 using (id)";
  add("planned longer than executed", "planning_heavy",
      "do $$ begin for t in 0..9 loop execute format('create table t%s as select i as id from "
      "generate_series(1, {n} "
      "/ 3000) i', t); end loop; end $$\nanalyze\nset join_collapse_limit = 10",
      ten, "execute q", "set plan_cache_mode = force_generic_plan\nprepare q as " + ten + "\nexecute q");
  add("all partitions for one row", "partition_fanout", kDays, "select * from days where id = 4242",
      "select * from days where id = 4242 and day = 42");
  add("all partitions for a few rows", "partition_fanout", kDays,
      "select sum(id) from days where id in (4242, 4342, 4442)",
      "select sum(id) from days where id in (4242, 4342, 4442) and day = 42");
  add("no worker came", "workers_short",
      kAnalyzed +
          "do $$ begin execute format('alter database %I set max_parallel_workers = 0', current_database()); "
          "end $$\nset max_parallel_workers_per_gather = 2\nset max_parallel_workers = 0\nset "
          "parallel_setup_cost = 0\nset parallel_tuple_cost = 0\nset min_parallel_table_scan_size = 0",
      "select count(*), max(md5(note)) from orders");
  return out;
}

// Written when the rules were done, to see how they do where nobody fitted them: neither these nor the rules
// may be changed to make them agree. Who works on the rules writes new ones.
inline std::vector<Fault> written_after() {
  const std::string shop =
      "create table users as select i as id, 'u' || i || '@mail.example' as email, i % 200 as country, (i % "
      "1000) = 0 "
      "as is_admin, timestamptz '2025-01-01' + i * interval '7 minutes' as joined, repeat('b', i % 60) as "
      "bio from "
      "generate_series(1, {n}) i\nalter table users add primary key (id)\ncreate table visits as select i as "
      "id, 1 + (i "
      "* 31) % {n} as user_id, timestamptz '2025-06-01' + i * interval '30 seconds' as at, '/page/' || i % "
      "977 as path, "
      "case when i % 400 = 0 then 500 else 200 end as status from generate_series(1, {n}) i\nalter table "
      "visits add "
      "primary key (id)\nvacuum analyze users\nvacuum analyze visits\n";
  std::vector<Fault> out;
  const auto add = [&](std::string name, std::string code, std::string plant, std::string statement,
                       std::string rewritten = {}, std::string prepare = {}) {
    out.push_back({std::move(name), std::move(code), std::move(plant), std::move(statement),
                   std::move(rewritten), std::move(prepare)});
  };
  add("visits of one user, newest first", "seqscan_discard", shop,
      "select at, path from visits where user_id = 4242 order by at desc limit 20");
  add("errors of an hour, by path", "seqscan_discard", shop,
      "select path, count(*) from visits where at between '2025-06-03 10:00' and '2025-06-03 11:00' and "
      "status = 500 "
      "group by path order by 2 desc");
  add("one user by mail, joined to visits", "seqscan_discard", shop + "create index on visits (user_id)",
      "select u.id, count(v.id) from users u left join visits v on v.user_id = u.id where u.email = "
      "'u777@mail.example' group by u.id");
  add("mail whatever the case", "func_on_column", shop + "create index on users (email)",
      "select id from users where upper(email) = 'U99@MAIL.EXAMPLE'");
  add("year of a time", "func_on_column", shop + "create index on users (joined)",
      "select count(*) from users where extract(year from joined) = 2024",
      "select count(*) from users where joined >= '2024-01-01' and joined < '2025-01-01'");
  add("path that ends so", "leading_wildcard", shop + "create index on visits (path text_pattern_ops)",
      "select count(*) from visits where path like '%/97'");
  add("identifier as a fraction", "type_mismatch", shop, "select * from users where id = 50.0::float8",
      "select * from users where id = 50");
  add("page a thousand", "large_offset", shop + "create index on visits (at, id)",
      "select * from visits order by at, id offset 20000 limit 50",
      "select * from visits where (at, id) > (timestamptz '2025-06-01' + 20000 * interval '30 seconds', "
      "20000) order by "
      "at, id limit 50");
  add("users with their last visit", "subplan_loops", shop,
      "select u.id, (select max(at) from visits v where v.user_id = u.id) from users u where u.id <= 1200",
      "select u.id, m from users u left join (select user_id, max(at) m from visits group by user_id) v on "
      "v.user_id = "
      "u.id where u.id <= 1200");
  add("a view of sums, one of them wanted", "unused_work",
      shop +
          "create view activity as select user_id, id, at, lag(at) over (order by user_id, at) as before "
          "from visits",
      "select * from activity where user_id = 99",
      "select user_id, id, at, lag(at) over (order by user_id, at) as before from visits where user_id = 99");
  add("all visits sorted in little memory", "disk_sort", shop + "set work_mem = '512kB'",
      "select * from visits order by path, at desc");
  add("paths counted in little memory", "hashagg_disk",
      shop + "set work_mem = '256kB'\nset hash_mem_multiplier = 1\nset enable_sort = off",
      "select user_id, path, count(*) from visits group by user_id, path");
  add("a user is deleted, visits refer to it", "missing_fk_index",
      shop + "alter table visits add foreign key (user_id) references users on delete cascade",
      "delete from users where id between 10 and 40");
  add("statistics of an empty table", "stale_stats",
      "create table queue (id bigint, state text, payload text)\nanalyze queue\ninsert into queue select i, "
      "'new', "
      "md5(i::text) from generate_series(1, {n}) i\ncreate table workers as select i as id, 'w' || i as name "
      "from "
      "generate_series(0, 49) i\nanalyze workers",
      "select w.name, count(*), max(q.payload) from queue q join workers w on w.id = q.id % 50 where q.state "
      "= 'new' "
      "group by w.name");
  add("country and language are one", "correlated_columns",
      "create table people as select i as id, i % 5 as country, i % 5 as language, i % 5 as currency, "
      "md5(i::text) as h "
      "from generate_series(1, {n}) i\nvacuum analyze people",
      "select left(h, 2), count(*), max(h) from people where country = 1 and language = 1 and currency = 1 "
      "group by 1 "
      "order by 2");
  return out;
}

// Nothing may be said of these.
inline std::vector<Fault> healthy() {
  const std::string shop =
      kOrders +
      "alter table orders add primary key (id)\ncreate index on orders (customer, created)\ncreate table "
      "customers "
      "as select i as id, 'name ' || i as name, i % 50 as city from generate_series(0, 4999) i\nalter table "
      "customers add primary key (id)\nalter table orders add foreign key (customer) references "
      "customers\nvacuum "
      "analyze orders\nvacuum analyze customers\nset work_mem = '256MB'\n";
  std::vector<Fault> out;
  for (const char* statement :
       {"select * from orders where id = 77",
        "select * from orders where customer = 5 order by created limit 10",
        "select count(*) from orders",
        "select status, count(*) from orders group by status",
        "select * from customers c join orders o on o.customer = c.id where c.id = 9",
        "select * from customers order by name limit 5",
        "select max(id) from orders",
        "select * from orders where id between 100 and 120 order by total",
        "select c.name, sum(o.total) from customers c join orders o on o.customer = c.id group by c.name",
        "update orders set total = total + 1 where id = 8",
        "select 1",
        "select * from orders order by id desc limit 50",
        "select city, count(*) from customers group by city order by 2 desc",
        "delete from customers where id = 4999 and not exists (select from orders where customer = 4999)",
        "insert into orders select * from orders where false",
        "select o.* from orders o where customer in (select id from customers where city = 7) and o.total > "
        "500",
        "with big as (select * from orders where total > 100) select count(*) from big",
        "select * from orders where customer = 7 and created > '2026-01-01' order by created desc offset 10 "
        "limit "
        "10",
        "select count(*) from orders o where exists (select from customers c where c.id = o.customer and "
        "c.city = "
        "3)",
        "select date_trunc('day', created), count(*), avg(total) from orders group by 1 order by 1",
        "select total, rank() over (order by total) from orders where customer = 12",
        "select c.id from customers c left join orders o on o.customer = c.id where o.id is null",
        "select * from customers where id = any (array[1, 2, 3])",
        "select note from orders where id < 200"}) {
    out.push_back({statement, "", shop, statement, "", ""});
  }
  return out;
}

}  // namespace faults
