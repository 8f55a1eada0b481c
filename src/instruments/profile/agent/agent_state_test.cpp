#include "instruments/profile/agent/agent_state.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {

TEST(AgentStates, TellWhyStacksEndEarlyAndWhatTheKernelHas) {
  AgentState state;
  state.truncated.add(Truncation::too_deep);
  state.truncated.add(Truncation::too_deep);
  state.truncated.add(Truncation::no_frames);
  std::string text = metrics_text(state);
  const auto says = [&](std::string_view line) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(says("signalbox_profile_truncated_total{reason=\"too deep\"} 2\n")) << text;
  EXPECT_TRUE(says("signalbox_profile_truncated_total{reason=\"its frames did not come\"} 1\n")) << text;
  EXPECT_TRUE(says("signalbox_profile_truncated_total{reason=\"no rule\"} 0\n")) << text;
  EXPECT_FALSE(says("_unwind_rows"));  // nobody walks there
  EXPECT_EQ(to_json(state)["truncated"].as_integer(), 3);
  state.kernel = KernelTables{12, std::nullopt};
  text = metrics_text(state);
  EXPECT_TRUE(says("signalbox_profile_unwind_rows 12\n")) << text;
  EXPECT_FALSE(says("_map_bytes"));  // the kernel does not tell
  state.kernel->map_bytes = 4096;
  text = metrics_text(state);
  EXPECT_TRUE(says("signalbox_profile_map_bytes 4096\n")) << text;
}

}  // namespace signalbox::profile
