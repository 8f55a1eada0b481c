#include "instruments/queries/sql/fingerprint.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {

TEST(Fingerprint, ConstantsCommentsAndLengthsOfListsDoNotChangeIt) {
  const auto print = [](const char* sql) { return read_statement(sql).fingerprint; };
  EXPECT_EQ(print("select * from t where a = 1 and b in (1, 2)"),
            print("SELECT *  FROM t -- all\nWHERE a = $1 AND b IN ($2, $3, $4)"));
  EXPECT_NE(print("select * from t where a = 1"), print("select * from u where a = 1"));
  EXPECT_NE(print("select * from t"), print("select * from public.t"));
  EXPECT_EQ(print("select 1").size(), 16u);
}

// Values from github.com/pganalyze/libpg_query, test/fingerprint_tests.c, version 15-4.0.0.
TEST(Fingerprint, IsThatOfLibpgQuerysOwnTable) {
  EXPECT_EQ(read_statement("SELECT 1").fingerprint, "50fde20626009aba");
  EXPECT_EQ(read_statement("SELECT 2").fingerprint, "50fde20626009aba");
  EXPECT_EQ(read_statement("SELECT ?").fingerprint.front(), 'x');  // no parameter of PostgreSQL
}

TEST(StatementText, HasNoConstantsNotEvenOfUtilityStatements) {
  for (const char* sql :
       {"create role a password 'secret'",
        "alter user b with encrypted password 'secret' valid until '2030-01-01'", "set app.key = 'secret'",
        "do $$ begin perform 'secret'; end $$", "copy t from '/secret'",
        "create subscription s connection 'password=secret' publication p", "comment on table t is 'secret'",
        "select 'secret", "select * from t where x = 'secret' +", "notify c, 'secret'",
        "prepare p as select 'secret'", "execute p('secret')", "explain select 'secret'",
        "declare c cursor for select 'secret'",
        "create user mapping for u server s options (password 'secret')"}) {
    const StatementText text = read_statement(sql);
    EXPECT_EQ(text.text.find("secret"), std::string::npos) << sql << " → " << text.text;
    EXPECT_FALSE(text.fingerprint.empty());
  }
}

TEST(StatementText, OfWhatNoParserTakesIsItsTokens) {
  const StatementText text = read_statement("select * from t where a = 17 and b = 'x");
  EXPECT_EQ(text.text, "select * from t where a = $? and b = $?");
  EXPECT_EQ(text.fingerprint, read_statement("SELECT * FROM t WHERE a = 18 AND b = 'yy").fingerprint);
  EXPECT_EQ(text.fingerprint.size(), 17u);
}

TEST(StatementText, AnyOctetsAreFine) {
  EXPECT_FALSE(read_statement("select '\xff\xfe'").fingerprint.empty());
  EXPECT_FALSE(read_statement(std::string_view("select 1\0; drop", 15)).fingerprint.empty());
  EXPECT_FALSE(read_statement("").fingerprint.empty());
  EXPECT_FALSE(read_statement(std::string(100'000, '(')).fingerprint.empty());
}

// The text that a server keeps has the fingerprint of the text that was sent.
TEST(Fingerprint, OfAServersTextIsThatOfTheTextThatWasSent) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  testing::Client client(server->url("postgres"));
  client.run("create table t (a int, b text, c jsonb)");
  const std::vector<std::string> sent = {
      "select a from t where b = 'x' and a in (1, 2, 3)",
      "insert into t (a, b) values (1, 'y'), (2, 'z')",
      "update t set b = upper(b) where a between 3 and 5",
      "with x as (select a, count(*) from t group by a) select * from x where count > 2 order by 1 limit 10",
      "delete from t using generate_series(1, 3) g where g = a",
      "select c->>'k', c @> '{\"a\": 1}' from t",
      "merge into t using (select 1 as a) s on t.a = s.a when matched then update set b = 'm'",
      "select case when a = 1 then 'one' else 'many' end, interval '1 day', array[1, 2], row(1, 'a') from t",
  };
  client.run("select pg_stat_statements_reset()");
  for (const std::string& sql : sent) client.run(sql);
  std::set<std::string> found;
  for (const store::Row& row : client.rows("select query from pg_stat_statements"))
    found.insert(read_statement(row.text(0)).fingerprint);
  for (const std::string& sql : sent) EXPECT_TRUE(found.contains(read_statement(sql).fingerprint)) << sql;
}

}  // namespace signalbox::queries
