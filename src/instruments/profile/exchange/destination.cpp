#include "instruments/profile/exchange/destination.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/http/secret.hpp"

namespace signalbox::profile {
namespace {

struct Known {
  Receiver receiver;
  std::string_view name;
  std::string_view path;  // of its API
};
constexpr std::array kKnown = {
    Known{Receiver::pyroscope, "pyroscope", "/ingest"},
    // Its port takes gRPC-Web beside gRPC; the method's name is the path.
    Known{Receiver::parca, "parca", "/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw"},
    Known{Receiver::otlp, "otlp", "/v1development/profiles"},
    Known{Receiver::signalbox, "signalbox", "/api/v1/profile/ingest"},
};

const Known& known(Receiver receiver) {
  return *std::find_if(kKnown.begin(), kKnown.end(),
                       [&](const Known& each) { return each.receiver == receiver; });
}

// Prometheus' rule for names of labels, which both Parca and Pyroscope keep.
bool is_label_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// RFC 9110 section 5.6.2: a token.
bool is_header_name(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// A token without the scheme before it, a cookie without the others: "Bearer xyz" is told as "xyz", too.
std::vector<std::string_view> parts_of(std::string_view value) {
  constexpr std::string_view kSeparators = " \t;,=&\"";
  std::vector<std::string_view> out;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(kSeparators), value.size());
    if (end > 0) out.push_back(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// "%2F" as "%2f".
std::string with_small_digits(std::string percent) {
  for (std::size_t at = percent.find('%'); at != std::string::npos; at = percent.find('%', at + 1)) {
    for (std::size_t i = at + 1; i < std::min(at + 3, percent.size()); ++i)
      if (percent[i] >= 'A' && percent[i] <= 'F') percent[i] = static_cast<char>(percent[i] + ('a' - 'A'));
  }
  return percent;
}

// As it was sent, and as who answers may have read it: "a%2Fb+c" as "a/b+c", of a form "a/b c"; and written
// anew in an address, "a%2Fb%2Bc" with digits of either size, in a form and as text of JSON, where "/" may be
// "\/".
std::vector<std::string> forms_of(std::string_view value) {
  std::string of_form(value);
  std::replace(of_form.begin(), of_form.end(), '+', ' ');
  const std::string plain = from_percent(value);
  const std::string percent = to_percent(plain);
  const std::string quoted = Json(plain).dump();
  const std::string in_json = quoted.substr(1, quoted.size() - 2);
  return {std::string(value),
          plain,
          from_percent(of_form),
          percent,
          with_small_digits(percent),
          replaced(percent, "%20", "+"),
          replaced(with_small_digits(percent), "%20", "+"),
          in_json,
          replaced(in_json, "/", "\\/")};
}

std::string without_values(std::string text, const std::vector<NamedValue>& headers) {
  std::set<std::string> secrets;
  for (const auto& [name, value] : headers) {
    for (const std::string& form : forms_of(value)) {
      secrets.insert(form);
      for (const std::string_view part : parts_of(form)) {
        const std::vector<std::string> forms = forms_of(part);
        secrets.insert(forms.begin(), forms.end());
      }
    }
  }
  // The longest first: one that another begins with would leave that one's end.
  std::vector<std::string> longest_first(secrets.begin(), secrets.end());
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (const std::string& secret : longest_first) text = http::without_secret(std::move(text), secret);
  return text;
}

Result<std::vector<NamedValue>> named_values(std::string_view option, const std::vector<std::string>& words,
                                             bool (*is_name)(std::string_view)) {
  std::vector<NamedValue> out;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    // The value may be a secret: a message names what stands before it alone.
    std::string name(trim(std::string_view(word).substr(0, equals)));
    if (equals == std::string::npos || !is_name(name) || !is_one_line(word))
      return fail(
          ErrorKind::bad_input,
          fmt::format("{} {}: is no NAME=VALUE", option, printable(std::string_view(name).substr(0, 100))),
          fmt::format("for example {}",
                      option == "--header" ? "--header X-Scope-OrgID=team" : "--label region=eu"));
    const bool is_twice =
        std::any_of(out.begin(), out.end(), [&](const NamedValue& other) { return other.first == name; });
    if (is_twice) return fail(ErrorKind::bad_input, fmt::format("{} {}: stands twice", option, name));
    out.emplace_back(std::move(name), word.substr(equals + 1));
  }
  return out;
}

}  // namespace

const std::vector<std::string>& receiver_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Known& each : kKnown) out.emplace_back(each.name);
    return out;
  }();
  return names;
}

std::optional<Receiver> receiver_from(std::string_view name) {
  for (const Known& each : kKnown) {
    if (each.name == name) return each.receiver;
  }
  return std::nullopt;
}

std::string_view name_of(Receiver receiver) {
  return known(receiver).name;
}

Result<std::vector<NamedValue>> headers_for(const http::Address& address,
                                            const std::vector<std::string>& headers) {
  SIGNALBOX_TRY(std::vector<NamedValue> out, named_values("--header", headers, is_header_name));
  for (const auto& [name, value] : out) {
    if (to_lower(name) != "authorization" || address.scheme == "https" ||
        http::is_loopback_name(address.host))
      continue;
    return fail(ErrorKind::bad_input,
                fmt::format("{}: the header Authorization would be read on the way", address.origin()),
                fmt::format("https://{}; http:// with it is for this machine itself", address.host));
  }
  return out;
}

Result<Destination> destination_of(Receiver receiver, std::string_view url,
                                   const std::vector<std::string>& headers,
                                   const std::vector<std::string>& labels) {
  SIGNALBOX_TRY(const http::Address address, http::parse_address(url));
  if (url.find_first_of("?#") != std::string_view::npos)
    return fail(ErrorKind::bad_input, fmt::format("{}: has a query", printable(url.substr(0, 200))),
                "give the address of the receiver alone; --label and --header say the rest");
  Destination out;
  out.receiver = receiver;
  SIGNALBOX_TRY(out.headers, headers_for(address, headers));
  SIGNALBOX_TRY(out.labels, named_values("--label", labels, is_label_name));
  std::string path = address.path;
  while (path.ends_with('/')) path.pop_back();
  if (!path.ends_with(known(receiver).path)) path += known(receiver).path;
  out.url = address.origin() + path;
  return out;
}

std::string words_said(std::string_view answer, const std::vector<NamedValue>& headers) {
  constexpr std::size_t kMostColumns = 300;
  const std::string_view text = trim(answer);
  if (text.empty() || !is_utf8(text) || text.find('\0') != std::string_view::npos) return {};
  // Cut last: half a token is no secret that is found.
  return cut_to_width(printable(without_values(std::string(lines(text).front()), headers)), kMostColumns);
}

std::string app_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '-' || c == '.' || c == '/';
    out += is_plain ? c : '_';
  }
  return out.empty() ? "unknown" : out;
}

}  // namespace signalbox::profile
