// Any octets as a DSSE envelope: what was read keeps payload, type and signatures when written and read
// again; the log's own reader takes it or refuses it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/evidence/admission.hpp"
#include "core/evidence/ledger_record.hpp"

namespace ev = signalbox::evidence;

namespace {

const ev::Admission& admission() {
  static const signalbox::SystemClock clock;
  static const ev::Admission out =
      ev::admit_trusted(ev::self_trust(std::vector{ev::SigningKey::generate("new").public_key()}), clock);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto envelope = ev::parse_envelope(text);
  const auto candidate = ev::read_candidate(text);
  if (candidate && !envelope) std::abort();
  if (ev::read_candidate(text, admission())) std::abort();  // nobody has signed with that key
  if (candidate) (void)ev::write_record(*candidate, {}, {});
  if (!envelope) return 0;
  if (envelope->signatures.empty()) std::abort();
  const auto again = ev::parse_envelope(ev::write_envelope(*envelope));
  if (!again || again->payload != envelope->payload || again->payload_type != envelope->payload_type ||
      again->signatures.size() != envelope->signatures.size()) {
    std::abort();
  }
  (void)ev::verified_by(*envelope, {});
  return 0;
}
