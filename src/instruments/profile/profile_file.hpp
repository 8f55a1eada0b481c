// Profiles that commands are given as files, and options that several of them take.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/profile/analysis/comparable.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxProfileBytes = std::size_t{1} << 30;  // of a file

struct ProfileFile {
  std::string name;    // as it was given
  std::string sha256;  // of its octets
  Profile profile;

  NamedProfile named() const { return {name, &profile}; }
};

// What a file holds, and what was read of it.
struct ImportedFile {
  std::string octets;
  ImportedProfile imported;
};

// In the format of --input-format, else of its content. What the reader left out is said. bad_input and
// not_found name the file.
Result<ImportedFile> import_profile_file(const std::string& path, const cli::Arguments& arguments,
                                         cli::Context& context);
Result<ProfileFile> read_profile_file(const std::string& path, const cli::Arguments& arguments,
                                      cli::Context& context);
cli::Option input_format_option();
cli::Option value_option();

// --label KEY=VALUE, as a recording says it of itself; without a value where there is no '='.
Annotations labels_of(const cli::Arguments& arguments);
// The same of what is given to be kept, which says each with a value: bad_input for others.
Result<Annotations> labels_with_values(const cli::Arguments& arguments);

// The number of an option, above 0; nullopt: it is not given.
Result<std::optional<double>> positive_number(const cli::Arguments& arguments, std::string_view option);
// The whole number of an option, at least 1.
Result<std::size_t> count_option(const cli::Arguments& arguments, std::string_view option, std::size_t usual);

}  // namespace signalbox::profile
