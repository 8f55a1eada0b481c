// Any octets as SQL: without constants it has none, once and again; it has a fingerprint.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/sql/fingerprint.hpp"
#include "instruments/queries/sql/literals.hpp"

namespace queries = signalbox::queries;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string tokens = queries::without_constants(text);
  if (tokens.find('\'') != std::string::npos && tokens.find('"') == std::string::npos) std::abort();
  const std::string fingerprint = queries::read_statement(text).fingerprint;
  if (fingerprint.size() != 16 && fingerprint.size() != 17) std::abort();
  static_cast<void>(queries::index_columns({std::string(text)}));
  return 0;
}
