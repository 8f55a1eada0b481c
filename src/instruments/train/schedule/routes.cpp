#include "instruments/train/schedule/routes.hpp"

#include <charconv>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/schedule/calendar_reader.hpp"
#include "instruments/train/schedule/freeze_report.hpp"
#include "instruments/train/schedule/time_text.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train::schedule {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

// Asked of the policy that judges, as a departure would be.
Result<Response> freeze(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(services.workspace));
  SIGNALBOX_TRY(const std::string head, repository.resolve("HEAD"));
  SIGNALBOX_TRY(const Policy policy, read_policy(repository, services.workspace, {.candidate = head}));
  FreezeQuestion question;
  SIGNALBOX_TRY(question.at, parse_time_text(query_text(request, "at").value_or("now"), services.clock.now(),
                                             calendar::Zone::utc()));
  question.environment = query_text(request, "env").value_or(policy.environment);
  SIGNALBOX_TRY(const gates::FreezeAnswer answer,
                gates::ask_freezes(policy.freezes, question.at, question.environment));
  Json out = to_json(question, answer);
  out.set("policy", policy.source);
  return Response::json(out);
}

Result<int> year_of(const std::string& text, Time now) {
  if (text.empty())
    return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error == std::errc() && end == text.data() + text.size()) return year;
  return fail(ErrorKind::bad_input, fmt::format("`{}` is no year", printable(text)), "year=2026");
}

// As it is planned: of the work tree's own configuration.
Result<Response> freezes(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const int year, year_of(query_text(request, "year").value_or(""), services.clock.now()));
  SIGNALBOX_TRY(const Policy policy, parse_own_policy(services.workspace));
  SIGNALBOX_TRY(const Json out, freezes_of_year(policy.freezes, year));
  return Response::json(out);
}

Result<ReleaseCalendar> calendar_of(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const std::optional<evidence::Ledger> ledger, open_log(services));
  return read_calendar(services.workspace, ledger ? &*ledger : nullptr,
                       {query_text(request, "since").value_or(""), query_text(request, "until").value_or("")},
                       services.clock.now());
}

Result<Response> calendar_file(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const ReleaseCalendar calendar, calendar_of(services, request));
  Response response;
  response.content_type = "text/calendar; charset=utf-8";
  response.body = to_ics(calendar);
  return response;
}

Result<Response> calendar_json(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const ReleaseCalendar calendar, calendar_of(services, request));
  return Response::json(to_json(calendar));
}

std::vector<http::Parameter> stretch_parameters() {
  return {query_parameter("since", "a day, RFC 3339, or -30d; by default a year back"),
          query_parameter("until", "the same; by default a year ahead")};
}

}  // namespace

std::vector<http::Route> schedule_routes(std::shared_ptr<const Services> services) {
  const std::string api = "/api/v1/train";
  http::Route one;
  one.path = api + "/freeze";
  one.summary = "Whether a time is frozen, why, and until when";
  one.parameters = {query_parameter("at", "RFC 3339, a day, or +7d; by default now"),
                    query_parameter("env", "an environment; by default the policy's, else all")};
  one.handle = [services](const Request& request) { return freeze(*services, request); };
  http::Route year;
  year.path = api + "/freezes";
  year.summary = "The freezes of a year, as they are planned";
  year.parameters = {query_parameter("year", "by default this one")};
  year.handle = [services](const Request& request) { return freezes(*services, request); };
  http::Route feed;
  feed.path = api + "/calendar.ics";
  feed.summary = "The calendar of releases, to subscribe to";
  feed.parameters = stretch_parameters();
  feed.handle = [services](const Request& request) { return calendar_file(*services, request); };
  http::Route events;
  events.path = api + "/calendar";
  events.summary = "The calendar of releases, for programs";
  events.parameters = stretch_parameters();
  events.handle = [services](const Request& request) { return calendar_json(*services, request); };
  return {std::move(one), std::move(year), std::move(feed), std::move(events)};
}

}  // namespace signalbox::train::schedule
