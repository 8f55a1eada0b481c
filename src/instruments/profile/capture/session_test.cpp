#include "instruments/profile/capture/session.hpp"

#include <atomic>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;

std::atomic<int> told{0};

// A handler of SIGTERM, as an agent has one.
class TakesNote {
 public:
  TakesNote() {
    told = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { ++told; };
    ::sigaction(SIGTERM, &action, &before_);
  }
  ~TakesNote() { ::sigaction(SIGTERM, &before_, nullptr); }
  TakesNote(const TakesNote&) = delete;
  TakesNote& operator=(const TakesNote&) = delete;

 private:
  struct sigaction before_ {};
};

TEST(Sessions, ASignalIsAlsoToldToWhoTookNoteOfItBefore) {
  const TakesNote takes_note;
  RecordRequest request;
  request.pids = {::getpid()};
  request.children = false;
  {
    const auto session = Session::start(request);
    if (!session) GTEST_SKIP() << session.error().message;
    EXPECT_TRUE((*session)->turn(1ms));
    ::raise(SIGTERM);
    EXPECT_EQ(told, 1);
    EXPECT_FALSE((*session)->turn(1ms));
    EXPECT_EQ((*session)->so_far().ending, Ending::interrupted);
  }
  ::raise(SIGTERM);  // to the same handler, and to nobody else
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace signalbox::profile
