// Any octets as a template: refused with a place, or filled; what is filled twice is the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/template/template.hpp"

using signalbox::parse_json;
using signalbox::templates::Template;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const signalbox::Json values =
      parse_json(R"({"a":{"b":"c"},"l":[1,"x",[],{"a":null}],"t":true,"n":0,"e":""})").value();
  const auto parsed = Template::parse({reinterpret_cast<const char*>(data), size}, "t");
  if (!parsed) {
    if (!parsed.error().message.starts_with("t:")) std::abort();
    return 0;
  }
  const auto once = parsed->render(values);
  const auto again = parsed->render(values);
  if (once.has_value() != again.has_value()) std::abort();
  if (once && (*once != *again || once->size() > signalbox::templates::kMaxOutputBytes)) std::abort();
  if (!once && !once.error().message.starts_with("t:")) std::abort();
  return 0;
}
