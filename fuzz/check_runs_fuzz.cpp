// Any octets as an answer of GitHub's API: check runs of one commit each, or refused with the member's name.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/gating/github_checks.hpp"

namespace train = signalbox::train;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto page = train::parse_check_runs({reinterpret_cast<const char*>(data), size});
  if (!page) {
    if (page.error().message.empty()) std::abort();
    return 0;
  }
  for (const signalbox::gates::CiRun& run : page->runs) {
    if (run.job.empty() || (run.commit.size() != 40 && run.commit.size() != 64)) std::abort();
    if (run.outcome == signalbox::gates::CiRun::Outcome::success && run.words != "success") std::abort();
  }
  return 0;
}
