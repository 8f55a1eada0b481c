#include "instruments/profile/formats/format.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/base/gzip.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/formats/callgrind.hpp"
#include "instruments/profile/formats/chrome_trace.hpp"
#include "instruments/profile/formats/cpuprofile.hpp"
#include "instruments/profile/formats/firefox.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/perf_data.hpp"
#include "instruments/profile/formats/perf_script.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/formats/speedscope.hpp"

namespace signalbox::profile {
namespace {

// What is known of a format without reading it.
struct Row {
  ProfileFormat format;
  std::string_view name;
  bool is_read;
  bool is_written;
  std::vector<std::string_view> extensions;  // the first is what we call files
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {ProfileFormat::pprof, "pprof", true, true, {".pb.gz", ".pprof", ".pb", ".prof"}},
      {ProfileFormat::folded, "folded", true, true, {".folded", ".collapsed"}},
      {ProfileFormat::perf_script, "perf-script", true, false, {".perf", ".perf.txt"}},
      {ProfileFormat::perf_data, "perf-data", true, false, {".perf.data", "perf.data"}},
      {ProfileFormat::speedscope, "speedscope", true, true, {".speedscope.json", ".speedscope"}},
      {ProfileFormat::cpuprofile, "cpuprofile", true, false, {".cpuprofile"}},
      {ProfileFormat::chrome_trace, "chrome-trace", true, false, {".trace.json"}},
      {ProfileFormat::firefox, "firefox", true, true, {".firefox.json"}},
      {ProfileFormat::callgrind, "callgrind", false, true, {".callgrind"}},
      {ProfileFormat::otlp, "otlp", true, true, {".otlp", ".otlp.pb"}},
  };
  return all;
}

const Row& row_of(ProfileFormat format) {
  return *std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.format == format; });
}

Result<ImportedProfile> read_as(ProfileFormat format, std::string_view octets, std::size_t max_bytes) {
  ImportedProfile out;
  out.format = format;
  switch (format) {
    case ProfileFormat::pprof: {
      SIGNALBOX_TRY(out.profile, read_pprof(octets));
      break;
    }
    case ProfileFormat::folded: {
      SkippedLines skipped;
      SIGNALBOX_TRY(out.profile, read_folded(octets, skipped));
      if (skipped.count > 0) out.notes.push_back(words_of(skipped, "no frames and a count of 0 or more"));
      break;
    }
    case ProfileFormat::perf_script: {
      PerfScriptNotes notes;
      SIGNALBOX_TRY(out.profile, read_perf_script(octets, notes));
      if (notes.skipped.count > 0)
        out.notes.push_back(words_of(notes.skipped, "neither a sample nor a frame"));
      if (notes.samples_of_other_events > 0) {
        out.notes.push_back(fmt::format("{} of events other than {} left out",
                                        counted(notes.samples_of_other_events, "sample"), notes.event));
      }
      break;
    }
    case ProfileFormat::perf_data: {
      SIGNALBOX_TRY(out.profile, read_perf_data(octets, max_bytes, out.notes));
      break;
    }
    case ProfileFormat::speedscope: {
      SIGNALBOX_TRY(out.profile, read_speedscope(octets, out.notes));
      break;
    }
    case ProfileFormat::cpuprofile: {
      SIGNALBOX_TRY(out.profile, read_cpuprofile(octets));
      break;
    }
    case ProfileFormat::chrome_trace: {
      SIGNALBOX_TRY(out.profile, read_chrome_trace(octets, out.notes));
      break;
    }
    case ProfileFormat::firefox: {
      SIGNALBOX_TRY(out.profile, read_firefox(octets));
      break;
    }
    case ProfileFormat::otlp: {
      SIGNALBOX_TRY(out.profile, read_otlp(octets));
      break;
    }
    case ProfileFormat::callgrind:
      return fail(ErrorKind::bad_input, "callgrind is a format that is written, not read");
  }
  return out;
}

}  // namespace

std::string_view name_of(ProfileFormat format) {
  return row_of(format).name;
}
bool is_written(ProfileFormat format) {
  return row_of(format).is_written;
}
bool is_read(ProfileFormat format) {
  return row_of(format).is_read;
}
std::string_view extension_of(ProfileFormat format) {
  return row_of(format).extensions.front();
}

std::optional<ProfileFormat> profile_format_from(std::string_view name_or_file) {
  const Row* best = nullptr;
  std::size_t longest = 0;
  for (const Row& row : rows()) {
    if (row.name == name_or_file) return row.format;
    for (const std::string_view extension : row.extensions) {
      if (!name_or_file.ends_with(extension) || extension.size() <= longest) continue;
      best = &row;
      longest = extension.size();
    }
  }
  return best ? std::optional(best->format) : std::nullopt;
}

Result<ImportedProfile> import_profile(std::string_view octets, const ReadOptions& options) {
  std::string expanded;
  if (is_gzip(octets)) {
    SIGNALBOX_TRY(expanded, gunzip(octets, options.max_bytes));
    octets = expanded;
  }
  const auto format = options.format ? options.format : detect_format(octets);
  if (!format) {
    return fail(ErrorKind::bad_input, "offset 0: no format of profiles that is known",
                "give --input-format, if it is one of: " + names_of_read_formats());
  }
  return read_as(*format, octets, options.max_bytes);
}

Result<Profile> read_profile(std::string_view octets, const ReadOptions& options) {
  SIGNALBOX_TRY(ImportedProfile imported, import_profile(octets, options));
  return std::move(imported.profile);
}

std::vector<ProfileFormat> written_formats() {
  std::vector<ProfileFormat> out;
  for (const Row& row : rows()) {
    if (row.is_written) out.push_back(row.format);
  }
  return out;
}

std::string names_of_read_formats() {
  std::vector<std::string> names;
  for (const Row& row : rows()) {
    if (row.is_read) names.emplace_back(row.name);
  }
  return join(names, ", ");
}

Result<std::string> write_profile(const Profile& profile, ProfileFormat format, const WriteOptions& options) {
  if (options.value && *options.value >= profile.value_types.size()) {
    return fail(ErrorKind::bad_input,
                fmt::format("no column {}: the profile has {}", *options.value, profile.value_types.size()));
  }
  switch (format) {
    case ProfileFormat::pprof:
      return write_pprof(profile, {Compression::gzip, options.times});
    case ProfileFormat::folded: {
      FoldedOptions folded = options.folded;
      if (options.value) folded.value = options.value;
      return write_folded(profile, folded);
    }
    case ProfileFormat::speedscope:
      return write_speedscope(profile, options.value.value_or(profile.default_value));
    case ProfileFormat::firefox:
      return write_firefox(profile, options.value.value_or(profile.default_value));
    case ProfileFormat::callgrind:
      return write_callgrind(profile);
    case ProfileFormat::otlp:
      return write_otlp(profile);
    default:
      return fail(ErrorKind::bad_input,
                  fmt::format("{} is a format that is read, not written", name_of(format)));
  }
}

}  // namespace signalbox::profile
