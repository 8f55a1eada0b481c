// Any octets as a webhook's body: a job of a commit that becomes a statement which can be written, or
// nothing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/gating/webhook.hpp"

namespace train = signalbox::train;

namespace {

void must_be_whole(const signalbox::Result<std::optional<train::CiReport>>& report) {
  if (!report || !*report) return;
  if ((*report)->run.job.empty() || (*report)->repository.empty()) std::abort();
  const auto written = signalbox::evidence::write_statement(train::ci_statement(**report));
  if (written && written->empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = signalbox::parse_json({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  must_be_whole(train::parse_github_event("check_run", *body));
  must_be_whole(train::parse_gitlab_event(*body));
  return 0;
}
