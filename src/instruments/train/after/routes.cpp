#include "instruments/train/after/routes.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/train/after/announcer.hpp"
#include "instruments/train/after/dora_report.hpp"
#include "instruments/train/after/feed.hpp"
#include "instruments/train/after/health.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/review_report.hpp"
#include "instruments/train/after/runbook_source.hpp"
#include "instruments/train/after/tick.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/ramp/station.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train::after {
namespace {

constexpr int kMaxAttempts = 8;  // to come next in the log

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

// Log, policy and repository of one request.
struct View {
  std::optional<evidence::Ledger> ledger;  // absent: nothing was ever recorded
  git::Repository repository;
  Policy policy;
};

Result<View> open_view(const Services& services) {
  SIGNALBOX_TRY(git::Repository repository, open_repository(services.workspace));
  SIGNALBOX_TRY(std::optional<evidence::Ledger> ledger, open_log(services));
  SIGNALBOX_TRY(Policy policy, policy_at_head(repository, services.workspace));
  return View{std::move(ledger), std::move(repository), std::move(policy)};
}

Result<TrainEvents> events_of(const View& view, const Request& request) {
  const std::string& train = request.parameters.at("id");
  SIGNALBOX_CHECK(check_train_id(train));
  TrainEvents events;
  if (view.ledger) {
    SIGNALBOX_TRY(events, read_events(*view.ledger, view.policy.trust, train));
  }
  if (events.last_index >= 0) return events;
  return fail(ErrorKind::not_found, fmt::format("there is no train {}", train), "signalbox train list");
}

Result<std::vector<Aftermath>> aftermaths_of(const View& view) {
  if (!view.ledger) return std::vector<Aftermath>();
  return read_aftermaths(*view.ledger, view.policy.trust);
}

Response answer(const Report& report) {
  return Response::json(to_json(report));
}

Result<Response> reviews(const Services& services) {
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_TRY(const std::vector<Aftermath> trains, aftermaths_of(view));
  return answer(reviews_report(trains, view.policy.reviews, services.clock.now()));
}

Result<Response> review(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_TRY(const TrainEvents events, events_of(view, request));
  return answer(
      review_report(fold_aftermath(events), timeline_of(events), view.policy.reviews, services.clock.now()));
}

Result<Response> actions(const Services& services, const Request& request) {
  const std::string wanted = query_text(request, "show").value_or("open");
  if (wanted != "open" && wanted != "overdue" && wanted != "all")
    return fail(ErrorKind::bad_input, "show: open, overdue or all");
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_TRY(const std::vector<Aftermath> trains, aftermaths_of(view));
  const Shown shown = wanted == "all" ? Shown::all : wanted == "overdue" ? Shown::overdue : Shown::open;
  return answer(actions_report(trains, shown, services.clock.now()));
}

Result<Response> runbook(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_CHECK(events_of(view, request));
  SIGNALBOX_TRY(const Runbook page, read_runbook(services.workspace, *view.ledger, view.policy,
                                                 request.parameters.at("id"), services.clock.now()));
  return answer(runbook_report(page));
}

// What was recorded last: a request makes the server ask nobody. Where nobody has recorded it, what the log
// tells without figures.
Result<Response> health(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_TRY(const TrainEvents events, events_of(view, request));
  return answer(recorded_health_report(events, view.policy.health, services.clock.now()));
}

// The members of a tick: {"step": "readout", "what": "done", "note": "…"}. The server signs; who asked it to
// is in the note.
Result<TickEvent> tick_in(const Request& request) {
  SIGNALBOX_TRY(const Json body, parse_json(request.body));
  SIGNALBOX_TRY(TickEvent tick, read_tick_event(body));
  std::string note = fmt::format("said by {} at the console", printable(request.principal.name));
  if (!tick.note.empty()) note += ": " + printable(tick.note);
  if (note.size() > kMaxTickNoteBytes) return fail(ErrorKind::bad_input, "$.note: it is too long");
  tick.note = std::move(note);
  return tick;
}

Result<Response> tick(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const TickEvent wanted, tick_in(request));
  const std::string& train = request.parameters.at("id");
  const auto page_of = [&](const View& view) {
    return read_runbook(services.workspace, *view.ledger, view.policy, train, services.clock.now());
  };
  for (int attempt = 1;; ++attempt) {
    SIGNALBOX_TRY(const View view, open_view(services));
    SIGNALBOX_TRY(const TrainEvents events, events_of(view, request));
    SIGNALBOX_TRY(const Runbook page, page_of(view));
    SIGNALBOX_CHECK(check_tick(page, wanted));
    if (services.signing_key)
      SIGNALBOX_CHECK(ramp::check_own_key(services.signing_key->public_key(), view.policy.trust));
    NewEvent event;
    event.train = train;
    event.kind = "tick";
    event.predicate = to_json(wanted);
    const auto index = append_signed(services, event, events.last_index,
                                     fmt::format("signalbox train tick {} {}", train, wanted.step));
    if (!index && index.error().kind == ErrorKind::conflict && attempt < kMaxAttempts) continue;
    if (!index) return fail(index.error());
    SIGNALBOX_TRY(const View after, open_view(services));
    SIGNALBOX_TRY(const Runbook ticked, page_of(after));
    return Response::json(to_json(runbook_report(ticked)));
  }
}

Result<Response> announcements(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const View view, open_view(services));
  SIGNALBOX_TRY(const TrainEvents events, events_of(view, request));
  return answer(deliveries_report(fold_announcements(events)));
}

// A feed that nobody has configured is there, and empty, so that readers may subscribe before the first.
Result<Response> feed(const Services& services) {
  SIGNALBOX_TRY(const View view, open_view(services));
  const std::string title = feed_title(view.policy.announcing);
  AnnouncementFeed out{title.empty() ? "Release trains" : title, "none", {}};
  if (view.ledger && view.ledger->size() > 0) {
    SIGNALBOX_TRY(out, read_feed(*view.ledger, view.policy.trust, out.title));
  }
  Response response;
  response.content_type = "application/atom+xml; charset=utf-8";
  response.body = to_atom(out);
  return response;
}

Result<Response> dora(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const DoraQuery query, dora_query(query_text(request, "since"), query_text(request, "until"),
                                                  query_text(request, "service"), services.clock.now()));
  SIGNALBOX_TRY(const View view, open_view(services));
  DoraSource source;
  source.deliveries.since = query.since;
  source.deliveries.until = query.until;
  if (view.ledger) {
    SIGNALBOX_TRY(source, read_dora(*view.ledger, view.policy.trust, view.repository, query));
  }
  return answer(dora_report(source, query));
}

http::Route report_route(std::string path, std::string summary, http::Handler handle) {
  http::Route route;
  route.path = "/api/v1/train" + std::move(path);
  route.summary = std::move(summary);
  route.response_schema = "report-v1";
  route.handle = std::move(handle);
  return route;
}

http::Route of_train(http::Route route) {
  route.parameters.push_back(train_parameter());
  return route;
}

}  // namespace

std::vector<http::Route> after_routes(std::shared_ptr<const Services> services) {
  std::vector<http::Route> out;
  out.push_back(report_route("/reviews", "Trains that were, or are to be, reviewed; what is overdue",
                             [services](const Request&) { return reviews(*services); }));
  out.push_back(
      of_train(report_route("/trains/{id}/review", "A train's review, its actions and its timeline",
                            [services](const Request& request) { return review(*services, request); })));
  http::Route action_list =
      report_route("/actions", "Actions of all trains, those due first at the top",
                   [services](const Request& request) { return actions(*services, request); });
  action_list.parameters.push_back(query_parameter("show", "open (the default), overdue or all"));
  out.push_back(std::move(action_list));
  http::Route page =
      of_train(report_route("/trains/{id}/runbook", "The page for the day of a release",
                            [services](const Request& request) { return runbook(*services, request); }));
  page.role = http::Role::operator_;
  out.push_back(std::move(page));
  http::Route ticks = of_train(report_route(
      "/trains/{id}/ticks", "Say that a step of the runbook is done, or is not: {step, what, note}",
      [services](const Request& request) { return tick(*services, request); }));
  ticks.method = http::Method::post;
  ticks.role = http::Role::operator_;
  out.push_back(std::move(ticks));
  out.push_back(
      of_train(report_route("/trains/{id}/health", "How a release was when its health was recorded last",
                            [services](const Request& request) { return health(*services, request); })));
  http::Route told = of_train(
      report_route("/trains/{id}/announcements", "Which channels were told of a train, and what failed",
                   [services](const Request& request) { return announcements(*services, request); }));
  told.role = http::Role::operator_;
  out.push_back(std::move(told));
  http::Route atom;
  atom.path = "/api/v1/train/announcements.atom";
  atom.summary = "What was announced, as an Atom feed";
  atom.handle = [services](const Request&) { return feed(*services); };
  out.push_back(std::move(atom));
  http::Route measures =
      report_route("/dora", "The delivery measures: frequency, lead time, failures, time to restore, rework",
                   [services](const Request& request) { return dora(*services, request); });
  measures.parameters = {query_parameter("since", "RFC 3339, or how long before: 90d, the default"),
                         query_parameter("until", "RFC 3339; by default now"),
                         query_parameter("service", "of this one alone")};
  out.push_back(std::move(measures));
  return out;
}

}  // namespace signalbox::train::after
