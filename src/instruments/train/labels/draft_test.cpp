#include "instruments/train/labels/draft.hpp"

#include <gtest/gtest.h>

#include "core/base/json.hpp"

namespace signalbox::train {
namespace {

// Members of the two APIs, by their documentation.
TEST(Draft, HasTheMembersThatTheApisTake) {
  const std::string head(40, 'a');
  const auto github = write_draft({"v1.3.0-rc.1", head, "notes\n"}, DraftForm::github);
  ASSERT_TRUE(github) << github.error().message;
  EXPECT_EQ(parse_json(*github).value(), Json::object({{"tag_name", "v1.3.0-rc.1"},
                                                       {"name", "v1.3.0-rc.1"},
                                                       {"target_commitish", head},
                                                       {"body", "notes\n"},
                                                       {"draft", true},
                                                       {"prerelease", true}}));
  const auto gitlab = write_draft({"v1.3.0", head, "notes\n"}, DraftForm::gitlab);
  ASSERT_TRUE(gitlab) << gitlab.error().message;
  EXPECT_EQ(
      parse_json(*gitlab).value(),
      Json::object({{"tag_name", "v1.3.0"}, {"name", "v1.3.0"}, {"ref", head}, {"description", "notes\n"}}));
  EXPECT_EQ(write_draft({"", head, "x"}, DraftForm::github).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::train
