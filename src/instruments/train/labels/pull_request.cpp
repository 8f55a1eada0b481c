#include "instruments/train/labels/pull_request.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxRequests = 200'000;
constexpr std::size_t kMaxTextBytes = 1000;
constexpr std::size_t kMaxLabels = 100;  // of one request; GitHub allows as many

// One line for people.
std::string line_of(std::string_view text) {
  std::string out = printable(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\t', ' ');
  if (out.size() <= kMaxTextBytes) return out;
  return cut_to_width(out, kMaxTextBytes / 4);
}

tl::unexpected<Error> wrong(std::size_t place, std::string_view what) {
  return fail(
      ErrorKind::bad_input, fmt::format("$[{}]: {}", place, what),
      "gh pr list --state merged --limit 1000 --json number,title,labels,author,url writes such a file");
}

std::string_view first_text(const Json& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const Json& value = object[name]; value.is_string()) return value.as_string();
  }
  return {};
}

// An address that may stand in Markdown as it is; else empty.
std::string address_of(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7F' && std::string_view("<>()[]\"'`\\").find(c) == std::string_view::npos;
  });
  return is_plain && text.starts_with("https://") && text.size() <= kMaxTextBytes ? std::string(text)
                                                                                  : std::string();
}

Result<PullRequest> parse_one(const Json& json, std::size_t place) {
  PullRequest out;
  const std::int64_t number =
      json["iid"].is_integer() ? json["iid"].as_integer() : json["number"].as_integer();
  if (number <= 0) return wrong(place, "no `number` (or `iid`) above 0");
  if (!json["title"].is_string()) return wrong(place, "no `title`");
  out.number = static_cast<std::uint64_t>(number);
  out.title = line_of(trim(json["title"].as_string()));
  const Json& author = json["author"].is_object() ? json["author"] : json["user"];
  out.author = line_of(login_of(first_text(author, {"login", "username"})));
  out.url = address_of(first_text(json, {"html_url", "web_url", "url"}));
  for (const Json& label : json["labels"].items()) {
    const std::string_view name = label.is_string() ? label.as_string() : label["name"].as_string();
    if (name.empty()) return wrong(place, "a label without a name");
    if (out.labels.size() == kMaxLabels) return wrong(place, "more than 100 labels");
    out.labels.push_back(line_of(name));
  }
  return out;
}

}  // namespace

std::string login_of(std::string_view name) {
  constexpr std::string_view app = "app/";
  constexpr std::string_view bot = "[bot]";
  if (name.starts_with(app)) name.remove_prefix(app.size());
  if (name.ends_with(bot)) name.remove_suffix(bot.size());
  return to_lower(name);
}

Result<PullRequests> parse_pull_requests(std::string_view octets) {
  JsonLimits limits;
  limits.max_bytes = kMaxExportBytes;
  limits.exact_integers = false;
  SIGNALBOX_TRY(const Json json, parse_json(octets, limits));
  const Json& list = json.is_object() ? json["items"] : json;
  if (!list.is_array())
    return fail(ErrorKind::bad_input, "an array of pull requests is expected",
                "gh pr list --state merged --limit 1000 --json number,title,labels,author,url writes one");
  if (list.size() > kMaxRequests) return fail(ErrorKind::bad_input, "more than 200,000 pull requests");
  PullRequests out;
  for (std::size_t place = 0; place < list.size(); ++place) {
    SIGNALBOX_TRY(PullRequest request, parse_one(list.items()[place], place));
    const std::uint64_t number = request.number;
    if (!out.emplace(number, std::move(request)).second)
      return wrong(place, fmt::format("number {} stands there twice", number));
  }
  return out;
}

}  // namespace signalbox::train
