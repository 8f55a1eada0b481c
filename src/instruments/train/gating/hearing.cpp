#include "instruments/train/gating/hearing.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/event.hpp"
#include "instruments/train/events/signatory.hpp"
#include "instruments/train/gating/github_checks.hpp"

namespace signalbox::train {
namespace {

// Words of people do not contradict each other: where somebody else was first, ours follows theirs.
constexpr int kMaxAttempts = 8;

std::vector<evidence::Subject> subjects_of(const Decision& decision) {
  const Candidate& candidate = decision.candidate;
  std::vector<evidence::Subject> out = {candidate.commit_subject(decision.plan.name)};
  if (candidate.manifest) out.push_back({"manifest", {{"sha256", *candidate.manifest}}});
  return out;
}

Result<evidence::Receipt> append_to_train(Hearing& hearing, const SignedWord& word,
                                          const std::string& train) {
  NewEvent event{train, word.kind, word.predicate, subjects_of(hearing.decision), word.key};
  for (int attempt = 1;; ++attempt) {
    SIGNALBOX_TRY(const TrainEvents events,
                  read_events(hearing.book.ledger(), hearing.decision.policy.trust, train));
    auto receipt = append_event(hearing.book, event, events.last_index);
    if (receipt || receipt.error().kind != ErrorKind::conflict || attempt == kMaxAttempts) return receipt;
  }
}

}  // namespace

std::vector<cli::Option> candidate_options() {
  return {{.name = "--head",
           .value = "REF",
           .help = "the commit that would depart; by default that of the train's manifest, or HEAD"},
          {.name = "--policy-ref",
           .value = "REF",
           .help = "read the policy from here instead of the last release"},
          {.name = "--package",
           .value = "NAME",
           .help = "of tags like NAME@1.2.3; by default the repository's own"},
          {.name = "--channel", .value = "NAME", .help = "stable, or a pre-release like next or rc"},
          {.name = "--artifact", .value = "FILE", .help = "what gates about @artifact ask about"},
          {.name = "--allow-shallow", .help = "judge a clone that lacks history"}};
}

cli::Positional train_positional() {
  return {"TRAIN", "the train it would leave with; without one the commit alone is judged",
          cli::Positional::Count::optional};
}

DepartureQuery departure_query(const cli::Arguments& arguments, std::optional<std::string> train) {
  DepartureQuery query;
  query.head = arguments.get("--head");
  query.package = arguments.get("--package");
  query.channel = arguments.get("--channel");
  query.policy_ref = arguments.get("--policy-ref");
  query.artifact = arguments.get("--artifact");
  query.train = std::move(train);
  if (arguments.has("--allow-shallow")) query.shallow = HistoryQuery::Shallow::allow;
  return query;
}

Result<Hearing> open_hearing(const cli::Arguments& arguments, cli::Context& context,
                             std::optional<std::string> train, DepartureQuery::Commands commands) {
  DepartureQuery query = departure_query(arguments, std::move(train));
  GithubChecks github(GithubChecks::options_of_environment());
  query.ci_server = &github;
  query.commands = commands;
  SIGNALBOX_CHECK(open_repository(context.workspace));
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(Decision decision,
                judge_departure(context.workspace, &book.ledger(), query, context.clock.now(), evaluator));
  return Hearing{std::move(book), std::move(decision)};
}

Result<Decision> judge_for_reading(const cli::Arguments& arguments, cli::Context& context,
                                   std::optional<std::string> train) {
  DepartureQuery query = departure_query(arguments, std::move(train));
  GithubChecks github(GithubChecks::options_of_environment());
  query.ci_server = &github;
  query.commands = DepartureQuery::Commands::never;
  auto book = evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  if (!book && book.error().kind != ErrorKind::not_found) return fail(book.error());
  gates::Evaluator evaluator;
  return judge_departure(context.workspace, book ? &book->ledger() : nullptr, query, context.clock.now(),
                         evaluator);
}

cli::Outcome told(const Decision& decision, Report report) {
  for (const Check& check : decision.checks) {
    if (check.verdict != Verdict::fail || check.reason != "unavailable") continue;
    return cli::Unanswered{
        std::move(report),
        {ErrorKind::unavailable, fmt::format("{} could not be asked: {}", check.name, check.answer),
         check.remedy}};
  }
  return report;
}

cli::Option depart_option() {
  return {.name = "--depart",
          .value = "TIME",
          .help = "the planned departure, 2026-12-01T09:00:00Z; by default that of the train"};
}

Result<std::optional<Time>> departure_time(const cli::Arguments& arguments, const Decision& decision) {
  const auto text = arguments.get("--depart");
  if (!text) return decision.train ? std::optional<Time>(decision.train->departs) : std::nullopt;
  const auto time = parse_rfc3339(*text);
  if (!time) return fail_in("--depart", time.error());
  return std::optional<Time>(*time);
}

Result<evidence::TrustedKey> person_of(const cli::Arguments& arguments, const evidence::Trust& trust) {
  const auto name = arguments.get("--key");
  if (!name)
    return fail(ErrorKind::bad_input, "--key is missing: a person signs with a key of their own",
                "signalbox evidence key new ada --role approver, then --key ada");
  SIGNALBOX_TRY(Signatory signatory, find_signatory(trust, *name));
  return std::move(signatory.key);
}

Result<std::string> text_option(const cli::Arguments& arguments, const std::string& option) {
  const std::string text(trim(arguments.get_or(option, "")));
  if (text.empty()) return fail(ErrorKind::bad_input, option + " is missing");
  if (text.size() > kMaxReasonBytes)
    return fail(ErrorKind::bad_input, fmt::format("{}: more than {} bytes", option, kMaxReasonBytes));
  if (!is_utf8(text) || printable(text) != text)
    return fail(ErrorKind::bad_input, option + ": control characters, or no UTF-8");
  return text;
}

Result<evidence::Receipt> say(Hearing& hearing, const SignedWord& word) {
  const Candidate& candidate = hearing.decision.candidate;
  if (candidate.train) return append_to_train(hearing, word, *candidate.train);
  const evidence::Statement statement{subjects_of(hearing.decision), event_type(word.kind), word.predicate};
  SIGNALBOX_TRY(const std::string payload, evidence::write_statement(statement));
  SIGNALBOX_TRY(const evidence::SigningKey key,
                evidence::unlock(evidence::KeyStore(keys_directory()), word.key));
  const std::string envelope =
      evidence::write_envelope(evidence::sign_envelope(evidence::kPayloadType, payload, {&key}));
  SIGNALBOX_TRY(const auto receipts, hearing.book.append({envelope}));
  if (receipts.size() != 1)
    return fail(ErrorKind::internal, "one statement was appended without one receipt");
  return receipts.front();
}

}  // namespace signalbox::train
