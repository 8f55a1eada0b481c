#include "instruments/train/routes.hpp"

#include <mutex>
#include <optional>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/departure.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train {
namespace {

using http::Request;
using http::Response;

constexpr std::chrono::milliseconds kLookAgainAfter{900};
// Evidence ages and freezes begin and end without a change of log or HEAD.
constexpr std::chrono::seconds kJudgeAgainAfter{60};

std::optional<std::string> query_text(const Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

Result<Response> plan(const Services& services, const Request& request) {
  PlanQuery query;
  query.head = query_text(request, "head").value_or("HEAD");
  query.base = query_text(request, "base");
  query.package = query_text(request, "package");
  query.channel = query_text(request, "channel");
  SIGNALBOX_TRY(const Plan found, read_plan(services.workspace, query));
  return Response::json(to_json(plan_report(found, SIZE_MAX)));
}

// What a decision depends on, in one word: log size, HEAD, every reference, and the minute.
struct State {
  std::uint64_t log_size = 0;
  std::string head;
  std::string refs;
  std::int64_t minute = 0;
  std::string id() const {
    return fmt::format("{}-{}-{}-{}", log_size, head.substr(0, 12), refs.substr(0, 8), minute);
  }
};

// The decision for HEAD, judged once for all who ask. It is not recorded, and commands of a configuration do
// not run: that takes a person at a command line.
class Board {
 public:
  struct Answer {
    std::string id;
    std::shared_ptr<const std::string> report;  // JSON; null where there is none
    Error error;
  };

  explicit Board(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

  Answer now() {
    const std::lock_guard lock(mutex_);
    const auto moment = std::chrono::steady_clock::now();
    if (looked_at_ && moment - *looked_at_ < kLookAgainAfter) return answer_;
    looked_at_ = moment;
    const auto ledger = open_ledger();
    const Result<State> state = look(ledger ? &*ledger : nullptr);
    if (!state) return answer_ = {"", nullptr, state.error()};
    if (answer_.id != state->id() || answer_.id.empty()) judge(*state, ledger ? &*ledger : nullptr);
    return answer_;
  }

 private:
  // Nothing where nothing was ever recorded.
  std::optional<evidence::Ledger> open_ledger() const {
    const auto database = services_->database();
    if (!database) return std::nullopt;
    auto ledger = evidence::Ledger::open_read_only(**database);
    if (!ledger) return std::nullopt;
    return std::move(*ledger);
  }

  Result<State> look(const evidence::Ledger* ledger) const {
    State state;
    state.log_size = ledger == nullptr ? 0 : ledger->size();
    SIGNALBOX_TRY(const ProcessResult refs, git::run_git(services_->workspace.root, {"show-ref", "--head"}));
    state.head = refs.output.substr(0, refs.output.find(' '));
    state.refs = to_hex(sha256(refs.output));
    state.minute = services_->clock.now().time_since_epoch() / kJudgeAgainAfter;
    return state;
  }

  void judge(const State& state, const evidence::Ledger* ledger) {
    DepartureQuery query;
    query.commands = DepartureQuery::Commands::never;
    const Result<Decision> decision =
        judge_departure(services_->workspace, ledger, query, services_->clock.now(), evaluator_);
    answer_ = {state.id(), nullptr, {}};
    if (decision) {
      answer_.report = std::make_shared<const std::string>(to_json(decision_report(*decision)).dump());
    } else {
      answer_.error = decision.error();
    }
  }

  std::shared_ptr<const Services> services_;
  std::mutex mutex_;
  gates::Evaluator evaluator_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
  Answer answer_;
};

Result<Response> decision(Board& board) {
  const Board::Answer answer = board.now();
  if (!answer.report) return fail(answer.error);
  Response response;
  response.shared_body = answer.report;
  response.headers = {{"Cache-Control", "no-cache"}};
  return response;
}

Result<std::string> stream(Board& board, const std::string& last_id, http::EventSink& sink) {
  const Board::Answer answer = board.now();
  const std::string id = answer.id.empty() ? std::string("none") : answer.id;
  if (id == last_id) return last_id;
  if (answer.report) {
    sink.send("decision", id, *answer.report);
  } else {
    sink.send("problem", id, Response::problem(answer.error).body);
  }
  return id;
}

http::Parameter query_parameter(std::string name, std::string description) {
  return {std::move(name), http::Parameter::In::query, std::move(description), false, "string"};
}

}  // namespace

std::vector<http::Route> routes(std::shared_ptr<const Services> services) {
  const std::string api = "/api/v1/train";
  const auto board = std::make_shared<Board>(services);
  http::Route plan_route;
  plan_route.path = api + "/plan";
  plan_route.summary = "Who is aboard, the next version, and notes";
  plan_route.parameters = {query_parameter("base", "count from here"),
                           query_parameter("head", "by default HEAD"),
                           query_parameter("package", "of tags like NAME@1.2.3"),
                           query_parameter("channel", "stable, or a pre-release")};
  plan_route.response_schema = "report-v1";
  plan_route.handle = [services](const Request& request) { return plan(*services, request); };
  http::Route decision_route;
  decision_route.path = api + "/decision";
  decision_route.summary = "GO or NO-GO for HEAD, judged now and not recorded";
  decision_route.response_schema = "report-v1";
  decision_route.handle = [board](const Request&) { return decision(*board); };
  http::Route stream_route;
  stream_route.path = api + "/stream";
  stream_route.summary = "The decision, as server-sent events whenever it may have changed";
  stream_route.events = [board](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*board, last_id, sink);
  };
  return {std::move(plan_route), std::move(decision_route), std::move(stream_route)};
}

}  // namespace signalbox::train
