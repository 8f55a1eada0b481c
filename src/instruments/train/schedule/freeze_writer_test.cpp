#include "instruments/train/schedule/freeze_writer.hpp"

#include <gtest/gtest.h>

namespace signalbox::train::schedule {
namespace {

const FreezeMembers kMembers = {{"name", {"year's \"end\""}}, {"start", {"0"}}, {"environments", {"a", "b"}}};

TEST(FreezeWriter, PutsTheFreezeFirstAndLeavesTheRest) {
  const auto section = add_freeze(
      "# ours\nname: x\ntrain:   # it\n  gates: []\n  freeze:\n    # of all\n    - name: old   # keep\n"
      "      start: a\nlast: 1\n",
      Holder::signalbox_yaml, kMembers);
  ASSERT_TRUE(section) << section.error().message;
  EXPECT_EQ(*section,
            "# ours\nname: x\ntrain:   # it\n  gates: []\n  freeze:\n    # of all\n"
            "    - name: \"year's \\\"end\\\"\"\n      start: \"0\"\n      environments: [\"a\", \"b\"]\n"
            "    - name: old   # keep\n      start: a\nlast: 1\n");
}

TEST(FreezeWriter, MakesListAndSectionWhereThereIsNone) {
  const auto indented = [](const std::string& by) {
    return by + "- name: \"year's \\\"end\\\"\"\n" + by + "  start: \"0\"\n" + by +
           "  environments: [\"a\", \"b\"]\n";
  };
  EXPECT_EQ(*add_freeze("", Holder::signalbox_yaml, kMembers), "train:\n  freeze:\n" + indented("    "));
  EXPECT_EQ(*add_freeze("name: x", Holder::signalbox_yaml, kMembers),
            "name: x\ntrain:\n  freeze:\n" + indented("    "));
  EXPECT_EQ(*add_freeze("train:\n   # c\n   zero: shift\n", Holder::signalbox_yaml, kMembers),
            "train:\n   # c\n   freeze:\n" + indented("     ") + "   zero: shift\n");
  EXPECT_EQ(*add_freeze("zero: shift\n", Holder::train_yaml, kMembers),
            "freeze:\n" + indented("  ") + "zero: shift\n");
}

TEST(FreezeWriter, RefusesWhatHasNoCertainPlaceAndSaysWhatToAdd) {
  for (const char* octets :
       {"train: {freeze: [{name: a}]}\n", "train:\n  freeze: []\n", "train: {zero: shift}\n"}) {
    const auto added = add_freeze(octets, Holder::signalbox_yaml, kMembers);
    ASSERT_FALSE(added) << *added;
    EXPECT_EQ(added.error().kind, ErrorKind::conflict);
    EXPECT_NE(added.error().hint.find("- name: \"year's"), std::string::npos);
  }
}

}  // namespace
}  // namespace signalbox::train::schedule
