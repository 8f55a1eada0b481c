#include "instruments/profile/kept_desk.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"

namespace signalbox::profile {

Result<KeptDesk::Opened> KeptDesk::open(const std::string& id) {
  return with_store([&](ProfileStore& store) -> Result<Opened> {
    SIGNALBOX_TRY(KeptProfile kept, store.find(id));
    SIGNALBOX_TRY(auto profile,
                  shelf_.get(kept.id, profile_format_from(kept.format), [&] { return store.octets(kept); }));
    return Opened{std::move(kept), std::move(profile)};
  });
}

void KeptDesk::log(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) std::fputs(fmt::format("kept profiles: {}\n", note).c_str(), stderr);
}

Result<std::size_t> query_count(const http::Request& request, std::string_view name, std::size_t usual,
                                std::size_t most) {
  const auto text = query_text(request, name);
  if (!text) return usual;
  const auto number = parse_integer(*text);
  if (!number || *number < 1 || static_cast<unsigned long long>(*number) > most)
    return fail(ErrorKind::bad_input, fmt::format("{}: is no number from 1 to {}", name, most));
  return static_cast<std::size_t>(*number);
}

Result<std::string_view> query_word(const http::Request& request, std::string_view name,
                                    std::initializer_list<std::string_view> words) {
  const auto text = query_text(request, name);
  if (!text) return *words.begin();
  const auto* const found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return *found;
  return fail(ErrorKind::bad_input,
              fmt::format("{}: `{}` is none of {}", name, printable(*text), fmt::join(words, ", ")));
}

Result<std::optional<Time>> query_time(const http::Request& request, std::string_view name) {
  const auto text = query_text(request, name);
  if (!text) return std::optional<Time>();
  auto time = parse_rfc3339(*text);
  if (!time) return fail_in(name, std::move(time).error());
  return std::optional<Time>(*time);
}

Result<KeptQuery> kept_query(const http::Request& request, std::size_t usual, std::size_t most) {
  KeptQuery out;
  out.service = query_text(request, "service").value_or("");
  out.before = query_text(request, "before").value_or("");
  SIGNALBOX_TRY(out.since, query_time(request, "since"));
  SIGNALBOX_TRY(out.until, query_time(request, "until"));
  SIGNALBOX_TRY(out.limit, query_count(request, "limit", usual, most));
  return out;
}

std::vector<http::Parameter> kept_parameters(std::string limits) {
  return {
      http::query_parameter("service", "of this service alone"),
      http::query_parameter("since", "taken at this time (RFC 3339) or later"),
      http::query_parameter("until", "taken before it"),
      http::query_parameter("before", "those after the profile of this id: the last one of the page before"),
      http::query_parameter("limit", std::move(limits), "integer")};
}

http::Parameter id_parameter() {
  return {"id", http::Parameter::In::path, "SHA-256 of the profile's octets", true, "string"};
}

http::Route get_route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                      http::Handler handle) {
  http::Route out;
  out.path = std::string(kProfileApi) + std::move(path);
  out.summary = std::move(summary);
  out.parameters = std::move(parameters);
  out.handle = std::move(handle);
  return out;
}

}  // namespace signalbox::profile
