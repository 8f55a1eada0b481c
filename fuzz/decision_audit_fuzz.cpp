// Any JSON as the predicate of a decision and of all that it rests on: an audit asks it to its end, and
// nothing that names an entry which is not there is green.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "instruments/train/after/audit_grounds.hpp"

namespace train = signalbox::train;
namespace evidence = signalbox::evidence;
using train::after::Exhibit;
using train::after::Exhibits;

namespace {

constexpr std::uint64_t kDecision = 5;

void put(Exhibits& exhibits, std::uint64_t index, const char* kind, const signalbox::Json& predicate) {
  Exhibit& exhibit = exhibits.entries[index];
  exhibit.entry.index = index;
  exhibit.entry.envelope = "x";
  exhibit.statement = evidence::Statement{
      {{"shop", {{"gitCommit", std::string(40, 'a')}}}}, train::event_type(kind), predicate};
  evidence::Signer signer;
  signer.key.name = "ada";
  signer.key.octets = std::to_string(index % 2);
  signer.valid = true;
  exhibit.signers.push_back(signer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = signalbox::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  Exhibits exhibits;
  exhibits.train = "t";
  std::uint64_t index = 0;
  for (const char* kind : {"approval", "exception-request", "exception", "exception-audit", "review"})
    put(exhibits, index++, kind, *json);
  put(exhibits, kDecision, "decision", *json);
  const Exhibit& decision = *exhibits.find(kDecision);
  for (const signalbox::Check& check :
       train::after::ask_grounds(exhibits, decision, signalbox::Time(std::chrono::hours(24)))) {
    if (check.name.empty() || check.verdict == signalbox::Verdict::none) std::abort();
    const bool is_green = check.verdict == signalbox::Verdict::pass;
    if (is_green != check.reason.empty()) std::abort();
  }
  return 0;
}
