#include "instruments/profile/exchange/pyroscope_request.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxNameBytes = 8'192;
constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046, 5.1.1
constexpr std::size_t kMaxPartHeaderBytes = 4'096;
constexpr std::size_t kMaxParts = 16;
constexpr std::array kOthers = {"jfr", "trie", "tree"};

std::optional<std::string> parameter(const QueryParameters& query, std::string_view name) {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : std::optional<std::string>(found->second);
}

// Pyroscope's clients of different ages count differently.
std::optional<Time> time_from(const std::string& text) {
  const auto number = parse_integer(text);
  if (!number || *number <= 0) return std::nullopt;
  constexpr std::size_t kDigitsOfSeconds = 11;
  constexpr std::size_t kDigitsOfMilliseconds = 14;
  constexpr std::size_t kDigitsOfMicroseconds = 17;
  if (text.size() < kDigitsOfSeconds) return Time(Duration(*number * 1'000));
  if (text.size() < kDigitsOfMilliseconds) return Time(Duration(*number));
  return Time(Duration(*number / (text.size() < kDigitsOfMicroseconds ? 1'000 : 1'000'000)));
}

// The value of a parameter of a header's field: boundary=x or name="x".
std::optional<std::string_view> field_parameter(std::string_view field, std::string_view name) {
  for (std::string_view part : split(field, ';')) {
    part = trim(part);
    if (!starts_with_ignoring_case(part, name) || part.size() <= name.size() || part[name.size()] != '=')
      continue;
    part.remove_prefix(name.size() + 1);
    if (part.size() >= 2 && part.front() == '"' && part.back() == '"') part = part.substr(1, part.size() - 2);
    return part;
  }
  return std::nullopt;
}

bool is_profile_part(std::string_view header) {
  for (const std::string_view line : lines(header)) {
    if (!starts_with_ignoring_case(line, "content-disposition:")) continue;
    return field_parameter(line.substr(line.find(':') + 1), "name") == "profile";
  }
  return false;
}

}  // namespace

Result<PyroscopeRequest> pyroscope_request(const QueryParameters& query) {
  const std::string name = parameter(query, "name").value_or("");
  const std::size_t brace = name.find('{');
  PyroscopeRequest out;
  out.app = trim(std::string_view(name).substr(0, brace));
  if (out.app.empty() || name.size() > kMaxNameBytes)
    return fail(ErrorKind::bad_input, "name: an application is needed", "POST /ingest?name=shop{region=eu}");
  if (const auto format = parameter(query, "format");
      format && std::find(kOthers.begin(), kOthers.end(), *format) != kOthers.end())
    return fail(ErrorKind::bad_input, fmt::format("format: {} is not read", *format),
                "pprof, folded or speedscope");
  if (brace != std::string::npos) {
    if (name.back() != '}')
      return fail(ErrorKind::bad_input, "name: its labels do not end", "app{label=value,…}");
    const std::string_view inner = std::string_view(name).substr(brace + 1, name.size() - brace - 2);
    for (std::string_view label : split(inner, ',')) {
      label = trim(label);
      if (label.empty()) continue;
      const std::size_t equals = label.find('=');
      if (equals == std::string_view::npos || equals == 0)
        return fail(ErrorKind::bad_input, fmt::format("name: `{}` is no label", printable(label)),
                    "app{label=value,…}");
      out.labels.emplace_back(trim(label.substr(0, equals)), trim(label.substr(equals + 1)));
    }
  }
  if (const auto from = parameter(query, "from")) out.from = time_from(*from);
  return out;
}

Result<std::string_view> profile_in_body(std::string_view content_type, std::string_view body) {
  if (!starts_with_ignoring_case(trim(content_type), "multipart/form-data")) return body;
  const auto boundary = field_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes)
    return fail(ErrorKind::bad_input, "Content-Type: a form without its boundary");
  const std::string delimiter = "--" + std::string(*boundary);
  const std::string next = "\r\n" + delimiter;
  std::size_t at = body.starts_with(delimiter) ? 0 : body.find(next);
  if (at != 0 && at != std::string_view::npos) at += 2;
  for (std::size_t part = 0; part < kMaxParts && at != std::string_view::npos; ++part) {
    at += delimiter.size();
    const std::size_t header = body.substr(at, 2) == "\r\n" ? at + 2 : std::string_view::npos;
    if (header == std::string_view::npos) break;  // "--": the last one is behind us
    const std::size_t blank = body.substr(0, header + kMaxPartHeaderBytes).find("\r\n\r\n", header);
    if (blank == std::string_view::npos) break;
    const std::size_t begin = blank + 4;
    const std::size_t end = body.find(next, begin);
    if (end == std::string_view::npos) break;
    if (is_profile_part(body.substr(header, blank - header))) return body.substr(begin, end - begin);
    at = end + 2;
  }
  return fail(ErrorKind::bad_input, "the form has no whole part named `profile`");
}

}  // namespace signalbox::profile
