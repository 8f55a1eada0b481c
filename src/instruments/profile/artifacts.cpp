#include "instruments/profile/artifacts.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/draw/flame_html.hpp"
#include "instruments/profile/draw/flame_svg.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kCommitDigits = 8;

struct Named {
  ArtifactFormat format;
  std::string name;
  std::string ending;
};

const std::vector<Named>& known_formats() {
  static const std::vector<Named> known = [] {
    std::vector<Named> out{{Drawing::flamegraph, "flamegraph", ".svg"}, {Drawing::html, "html", ".html"}};
    for (const ProfileFormat format : written_formats())
      out.push_back({format, std::string(name_of(format)), std::string(extension_of(format))});
    return out;
  }();
  return known;
}

const Named& named(const ArtifactFormat& format) {
  return *std::find_if(known_formats().begin(), known_formats().end(),
                       [&](const Named& each) { return each.format == format; });
}

// The format whose ending a file name has; the longest one counts.
const Named* format_of_ending(std::string_view path) {
  const Named* found = nullptr;
  for (const Named& each : known_formats()) {
    if (path.ends_with(each.ending) && (found == nullptr || each.ending.size() > found->ending.size()))
      found = &each;
  }
  return found;
}

// Formats that were named one by one or with commas between them; each once.
Result<std::vector<ArtifactFormat>> formats_named(const std::vector<std::string>& words) {
  std::vector<ArtifactFormat> out;
  for (const std::string& word : words) {
    for (const std::string_view name : split(word, ',')) {
      auto format = artifact_format_named(trim(name));
      if (!format) return fail_in("--format", std::move(format).error());
      if (std::find(out.begin(), out.end(), *format) == out.end()) out.push_back(*format);
    }
  }
  return out;
}

}  // namespace

const std::vector<std::string>& artifact_format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Named& each : known_formats()) out.push_back(each.name);
    return out;
  }();
  return names;
}

Result<ArtifactFormat> artifact_format_named(std::string_view name) {
  for (const Named& each : known_formats()) {
    if (each.name == name) return each.format;
  }
  const auto near = nearest(std::string(name), artifact_format_names());
  return fail(ErrorKind::bad_input,
              fmt::format("`{}` is none of {}", printable(name), join(artifact_format_names(), ", ")),
              near ? fmt::format("did you mean `{}`?", *near) : std::string());
}

std::string_view ending_of(const ArtifactFormat& format) {
  return named(format).ending;
}

Result<std::string> artifact_octets(const Profile& profile, const ArtifactFormat& format) {
  if (const auto* written = std::get_if<ProfileFormat>(&format)) return write_profile(profile, *written);
  if (std::get<Drawing>(format) == Drawing::html)
    return render_flame_html(make_flame_tree(profile, page_options()));
  return fitted_flame_svg(profile);
}

Result<std::vector<Artifact>> choose_artifacts(const std::string& output,
                                               const std::vector<std::string>& formats,
                                               const std::string& stem) {
  SIGNALBOX_TRY(std::vector<ArtifactFormat> wanted, formats_named(formats));
  if (!output.empty()) {
    if (const Named* by_ending = format_of_ending(output)) {
      if (wanted.empty()) wanted.push_back(by_ending->format);
      if (wanted.size() > 1 || wanted.front() != by_ending->format)
        return fail(ErrorKind::bad_input,
                    fmt::format("-o {} is a file of format {}, but --format says {}", printable(output),
                                by_ending->name, join(formats, ", ")),
                    "leave the ending away to have one file for each format");
      return std::vector<Artifact>{{by_ending->format, output}};
    }
  }
  if (wanted.empty()) wanted = {Drawing::flamegraph, ProfileFormat::pprof};
  std::vector<Artifact> out;
  for (const ArtifactFormat format : wanted)
    out.push_back({format, (output.empty() ? stem : output) + named(format).ending});
  return out;
}

std::string default_stem(std::string_view comm, std::int64_t unix_ns, std::string_view commit) {
  std::string name;
  for (const char c : comm) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '.' || c == '_' || c == '-';
    name += is_plain ? c : '_';
  }
  const std::time_t seconds = unix_ns / 1'000'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char time[32];
  std::strftime(time, sizeof time, "%Y%m%dT%H%M%SZ", &utc);
  std::string out = fmt::format("profile-{}-{}", name, time);
  if (!commit.empty()) out += fmt::format("-{}", commit.substr(0, kCommitDigits));
  return out;
}

Status check_writable(const std::vector<Artifact>& artifacts) {
  for (const Artifact& artifact : artifacts) {
    const std::filesystem::path folder =
        artifact.path.has_parent_path() ? artifact.path.parent_path() : std::filesystem::path(".");
    std::error_code error;
    if (std::filesystem::is_directory(artifact.path, error))
      return fail(ErrorKind::bad_input, fmt::format("-o {}: is a folder", artifact.path.native()),
                  "name a file in it");
    if (!std::filesystem::is_directory(folder, error))
      return fail(ErrorKind::not_found,
                  fmt::format("-o {}: there is no folder {}", artifact.path.native(), folder.native()),
                  fmt::format("mkdir -p {}", folder.native()));
    if (::access(folder.c_str(), W_OK) != 0)
      return fail(error_from_errno(errno, fmt::format("-o {}", artifact.path.native())));
  }
  return {};
}

Result<Written> write_artifacts(const Profile& profile, const std::vector<Artifact>& artifacts) {
  // Each is made and brought to the disk beside the others.
  struct Made {
    Result<std::string> octets = std::string();
    Status written;
  };
  std::vector<Made> made(artifacts.size());
  for_each_in_parallel(artifacts.size(), [&](std::size_t i) {
    made[i].octets = artifact_octets(profile, artifacts[i].format);
    if (made[i].octets) made[i].written = write_file_atomically(artifacts[i].path, *made[i].octets);
  });
  Written out;
  for (std::size_t i = 0; i < artifacts.size(); ++i) {
    const Artifact& artifact = artifacts[i];
    SIGNALBOX_TRY(const std::string octets, std::move(made[i].octets));
    if (made[i].written) {
      out.files.push_back({artifact.path, to_hex(sha256(octets))});
      continue;
    }
    std::error_code ignored;
    const std::filesystem::path spooled =
        std::filesystem::temp_directory_path(ignored) / artifact.path.filename();
    Error why = std::move(made[i].written).error();
    why.kind = ErrorKind::unavailable;
    if (write_file_atomically(spooled, octets)) {
      out.files.push_back({spooled, to_hex(sha256(octets))});
      why.hint = fmt::format("it was written to {} instead", spooled.native());
    }
    out.why = std::move(why);
  }
  return out;
}

}  // namespace signalbox::profile
