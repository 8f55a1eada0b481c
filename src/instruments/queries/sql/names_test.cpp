// Names and strings beside what a server makes of them.
#include "instruments/queries/sql/names.hpp"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {

class Names : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = testing::start_counting_server(); }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    link_.emplace(testing::link_to(server_->url("postgres")));
  }
  std::string answer(std::string_view sql, const std::string& text) {
    const auto rows = link_->query(sql, {text});
    EXPECT_TRUE(rows.has_value()) << text;
    return rows ? rows->at(0).text(0) : std::string();
  }
  static std::unique_ptr<store::testing::PostgresServer> server_;
  std::optional<ServerLink> link_;
};
std::unique_ptr<store::testing::PostgresServer> Names::server_;

TEST_F(Names, AreQuotedWhereTheServerQuotesThem) {
  const auto words = link_->query("select word::text, quote_ident(word)::text from pg_get_keywords()");
  ASSERT_TRUE(words.has_value());
  ASSERT_GT(words->size(), 400U);
  for (const store::Row& row : *words) EXPECT_EQ(sql_name(row.text(0)), row.text(1));
  for (const std::string name :
       {"a", "_a1", "1a", "Orders", "a b", "a\"b", "a'b", "a\\b", "a$", "gr\u00fcn", "a.b"})
    EXPECT_EQ(sql_name(name), answer("select quote_ident(?::text)::text", name));
  EXPECT_EQ(sql_name("check", "to"), "\"check\".\"to\"");
  EXPECT_EQ(sql_name("", "t"), "t");
}

TEST_F(Names, StringsAreThatOfTheServer) {
  for (const std::string text :
       {"", "a", "it's", "''", "\\", "\\'; drop table t; --", "gr\u00fcn", "$1", "?"}) {
    EXPECT_EQ(sql_literal(text), answer("select quote_literal(?::text)::text", text));
  }
}

}  // namespace signalbox::queries
