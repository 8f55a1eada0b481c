#include "commands/evidence/condition_lab.hpp"

#include <gtest/gtest.h>

namespace signalbox::evidence_command {
namespace {

using Parts = std::vector<std::string>;

TEST(ConjunctsOf, AreWhatAnOutermostAndJoins) {
  EXPECT_EQ(conjuncts_of("gt(.predicate.tests; 0) and eq(.predicate.failures; 0)"),
            (Parts{"gt(.predicate.tests; 0)", "eq(.predicate.failures; 0)"}));
  EXPECT_EQ(conjuncts_of(" .a == 1\nand .b + 1 < 2 and\n  (.c and .d) "),
            (Parts{".a == 1", ".b + 1 < 2", "(.c and .d)"}));
  EXPECT_EQ(conjuncts_of(".a != 1 and .b >= 2 and .c? == 3"), (Parts{".a != 1", ".b >= 2", ".c? == 3"}));
  EXPECT_EQ(conjuncts_of("every(.predicate.rows; .x and .y)"), Parts{"every(.predicate.rows; .x and .y)"});
}

// `.p | .a and .b` is `.p | (.a and .b)`, and `.a and .b or .c` is `(.a and .b) or .c`: their parts cannot be
// asked alone.
TEST(ConjunctsOf, AreTheWholeWhereSomethingJoinsMoreLoosely) {
  for (const std::string text : {".p | .a and .b", ".a and .b or .c", ".a and .b // true", ".a, .b and .c",
                                 ".a = 1 and .b", ".a += 1 and .b", "if .a then .b and .c else false end",
                                 ".a as $x | $x and .b", "def f: .a; f and .b"})
    EXPECT_EQ(conjuncts_of(text), Parts{text});
}

TEST(ConjunctsOf, AreTheWholeOfWhatIsNoCondition) {
  for (const std::string text : {"and", ".a and", "(.a and .b", "\"and"})
    EXPECT_EQ(conjuncts_of(text), Parts{text});
  EXPECT_EQ(conjuncts_of("\"a and b\" == .c"), Parts{"\"a and b\" == .c"});
  EXPECT_EQ(conjuncts_of(".and and .b"), (Parts{".and", ".b"}));
}

}  // namespace
}  // namespace signalbox::evidence_command
