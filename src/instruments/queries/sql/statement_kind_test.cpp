#include "instruments/queries/sql/statement_kind.hpp"

#include <gtest/gtest.h>

namespace signalbox::queries {

using Does = StatementKind::Does;

TEST(StatementKind, WhatReadsIsToldFromWhatWrites) {
  const auto does = [](const char* sql) { return kind_of_statement(sql)->does; };
  EXPECT_EQ(does("select 1"), Does::read);
  EXPECT_EQ(does("values (1), (2)"), Does::read);
  EXPECT_EQ(does("with a as (select 1) select * from a"), Does::read);
  EXPECT_EQ(does("insert into t select 1"), Does::write);
  EXPECT_EQ(does("update t set a = 1"), Does::write);
  EXPECT_EQ(does("delete from t"), Does::write);
  EXPECT_EQ(does("merge into t using u on t.a = u.a when matched then delete"), Does::write);
  EXPECT_EQ(does("with gone as (delete from t returning *) select * from gone"), Does::write);
  EXPECT_EQ(does("select * from t for update"), Does::write);
  EXPECT_EQ(does("select * from (select * from t for share) s"), Does::write);
  EXPECT_EQ(does("select 1 into t"), Does::other);
  for (const char* sql :
       {"create table t (a int)", "drop table t", "truncate t", "vacuum t", "do 'begin end'", "call p()",
        "explain analyze delete from t", "copy t to stdout", "begin", "set a = 1"})
    EXPECT_EQ(does(sql), Does::other) << sql;
}

TEST(StatementKind, FunctionsAndParametersAreNamed) {
  const auto kind = kind_of_statement(
      "select pg_catalog.now(), f($2) from g(1) where exists (select pg_terminate_backend(pid) from s where "
      "a = $1)");
  ASSERT_TRUE(kind.has_value());
  std::vector<std::string> functions = kind->functions;
  std::sort(functions.begin(), functions.end());
  EXPECT_EQ(functions, (std::vector<std::string>{"f", "g", "now", "pg_terminate_backend"}));
  EXPECT_EQ(kind->parameters, 2U);
}

TEST(StatementKind, OneStatementIsWanted) {
  for (const char* sql : {"", "  -- nothing", "select 1; drop table t", "selec 1", "select '"}) {
    const auto kind = kind_of_statement(sql);
    ASSERT_FALSE(kind.has_value()) << sql;
    EXPECT_EQ(kind.error().kind, ErrorKind::bad_input);
  }
  EXPECT_TRUE(kind_of_statement("select 1;").has_value());
  EXPECT_FALSE(kind_of_statement(std::string_view("select 1\0; drop table t", 23)).has_value());
  const std::string deep = "select " + std::string(5'000, '(') + "1" + std::string(5'000, ')');
  static_cast<void>(kind_of_statement(deep));  // told, or refused; it ends
}

}  // namespace signalbox::queries
