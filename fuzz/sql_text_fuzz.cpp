// Any octets as SQL: without constants it has none, once and again; it has a fingerprint.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/sql/fingerprint.hpp"
#include "instruments/queries/sql/literals.hpp"
#include "instruments/queries/sql/statement_kind.hpp"

namespace queries = signalbox::queries;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string tokens = queries::without_constants(text);
  if (tokens.find('\'') != std::string::npos && tokens.find('"') == std::string::npos) std::abort();
  const std::string fingerprint = queries::read_statement(text).fingerprint;
  if (fingerprint.size() != 16 && fingerprint.size() != 17) std::abort();
  static_cast<void>(queries::index_columns({std::string(text)}));
  static_cast<void>(queries::terms_of(text, "t"));
  static_cast<void>(queries::or_branches(text));
  static_cast<void>(queries::aliases_in(text));
  static_cast<void>(queries::kind_of_statement(text));
  return 0;
}
