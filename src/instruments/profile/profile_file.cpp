#include "instruments/profile/profile_file.hpp"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {

Result<ImportedFile> import_profile_file(const std::string& path, const cli::Arguments& arguments,
                                         cli::Context& context) {
  ReadOptions options;
  if (const auto name = arguments.get("--input-format"); name && *name != "auto") {
    options.format = profile_format_from(*name);
    if (!options.format || !is_read(*options.format)) {
      return fail(ErrorKind::bad_input,
                  fmt::format("--input-format: `{}` is none that is read", printable(*name)),
                  "auto, " + names_of_read_formats());
    }
  }
  SIGNALBOX_TRY(std::string octets, read_file(path, kMaxProfileBytes));
  auto imported = import_profile(octets, options);
  if (!imported) return fail_in(path, std::move(imported).error());
  for (const std::string& note : imported->notes) context.say(fmt::format("{}: {}", path, note));
  return ImportedFile{std::move(octets), std::move(*imported)};
}

Result<ProfileFile> read_profile_file(const std::string& path, const cli::Arguments& arguments,
                                      cli::Context& context) {
  SIGNALBOX_TRY(ImportedFile file, import_profile_file(path, arguments, context));
  return ProfileFile{path, to_hex(sha256(file.octets)), std::move(file.imported.profile)};
}

cli::Option input_format_option() {
  return {.name = "--input-format",
          .value = "NAME",
          .help = "read files as " + names_of_read_formats() + "; default: by their content"};
}

cli::Option value_option() {
  return {.name = "--value", .value = "NAME", .help = "the values looked at: cpu, samples, offcpu …"};
}

Annotations labels_of(const cli::Arguments& arguments) {
  Annotations out;
  for (const std::string& label : arguments.all("--label")) {
    const std::size_t equals = label.find('=');
    out.emplace_back(label.substr(0, equals), equals == std::string::npos ? "" : label.substr(equals + 1));
  }
  return out;
}

Result<Annotations> labels_with_values(const cli::Arguments& arguments) {
  for (const std::string& label : arguments.all("--label")) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::bad_input, fmt::format("--label {}: is no NAME=VALUE", printable(label)));
  }
  return labels_of(arguments);
}

Result<std::optional<double>> positive_number(const cli::Arguments& arguments, std::string_view option) {
  const auto text = arguments.get(option);
  if (!text) return std::optional<double>();
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  if (text->empty() || *end != '\0' || !(value > 0) || !std::isfinite(value))
    return fail(ErrorKind::bad_input, fmt::format("{}: `{}` is no number above 0", option, printable(*text)));
  return std::optional(value);
}

Result<std::size_t> count_option(const cli::Arguments& arguments, std::string_view option,
                                 std::size_t usual) {
  const auto text = arguments.get(option);
  if (!text) return usual;
  const auto number = parse_integer(*text);
  if (!number || *number < 1)
    return fail(ErrorKind::bad_input, fmt::format("{}: `{}` is no count", option, printable(*text)),
                "1 or more");
  return static_cast<std::size_t>(*number);
}

}  // namespace signalbox::profile
