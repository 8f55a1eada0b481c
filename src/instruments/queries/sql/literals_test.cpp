#include "instruments/queries/sql/literals.hpp"

#include <gtest/gtest.h>

namespace signalbox::queries {

struct Case {
  const char* sql;
  const char* wanted;
};

TEST(WithoutConstants, EachKindOfConstantGoes) {
  const Case cases[] = {
      {"select 1", "select $?"},
      {"select 1.5e-10, .5, 0x1F", "select $?, $?, $?"},
      {"select 'a', 'it''s', ''", "select $?, $?, $?"},
      {"select E'a\\'b', e'\\\\'", "select $?, $?"},
      {"select 'a\\', 'b'", "select $?, $?"},  // standard strings know no backslash
      {"select B'101', X'1F', N'a', U&'d\\0061t'", "select $?, $?, $?, $?"},
      {"select $$a'b$$, $tag$ $$ $tag$", "select $?, $?"},
      {"select $1, $23", "select $?, $?"},
      {"select a$1, t1.c2 from t1", "select a$1, t1.c2 from t1"},
      {"select \"a'1\", \"b\"\"2\" from t", "select \"a'1\", \"b\"\"2\" from t"},
      {"select 1 -- secret 7\n, 2", "select $? , $?"},
      {"select /* a /* b */ 'c' */ 1", "select $?"},
      {"  select\n\t1  ", "select $?"},
      {"select 'unfinished", "select $?"},
      {"select \"unfinished", "select \"unfinished"},
      {"select /* unfinished", "select"},
      {"select $tag$unfinished", "select $?"},
      {"select E'\\", "select $?"},
      {"select a->>'k', b @> '{}'::jsonb", "select a->>$?, b @> $?::jsonb"},
      {"for i in 1..10", "for i in $?..$?"},
      {"select größe from tür where ä = 'ö'", "select größe from tür where ä = $?"},
      {"$", "$"},
      {"", ""},
  };
  for (const Case& each : cases) EXPECT_EQ(without_constants(each.sql), each.wanted) << each.sql;
}

TEST(WithoutConstants, OfStringsAloneNumbersAndParametersStay) {
  EXPECT_EQ(without_constants("alter role a password 'x' valid until '2030' limit 5 $1", Constants::strings),
            "alter role a password $? valid until $? limit 5 $1");
}

}  // namespace signalbox::queries
