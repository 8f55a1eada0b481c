#include <algorithm>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "instruments/profile/capture/abilities.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {
namespace {

bool may_be_sampled() {
  const auto abilities = try_abilities();
  return std::all_of(abilities.begin(), abilities.end(),
                     [](const Ability& each) { return each.is_there || !each.is_needed; });
}

TEST(Session, OfChildrenThatRunAlreadyItHasThoseThatAreAskedFor) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  auto shell = Process::start({"sh", "-c", "sleep 60 & echo $!; wait"});
  ASSERT_TRUE(shell);
  const auto told = shell->read();
  ASSERT_TRUE(told);
  const auto child = static_cast<std::int32_t>(std::stol(*told));
  RecordRequest request;
  request.pids = {shell->pid()};
  request.kernel = false;
  for (const bool descendants : {true, false}) {
    request.descendants = descendants;
    auto session = Session::start(request);
    ASSERT_TRUE(session) << session.error().message;
    const Recording recording = std::move(**session).finish();
    EXPECT_EQ(std::count(recording.processes.begin(), recording.processes.end(), child), descendants ? 1 : 0);
  }
  ::kill(child, SIGKILL);
}

TEST(Session, SaysWhatItsSamplesLeaveOut) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  RecordRequest request;
  request.pids = {::getpid()};
  request.kernel = false;
  request.children = false;
  auto session = Session::start(request);
  ASSERT_TRUE(session) << session.error().message;
  const Recording recording = std::move(**session).finish();
  EXPECT_FALSE(recording.kernel);
  EXPECT_FALSE(recording.children);
}

}  // namespace
}  // namespace signalbox::profile
