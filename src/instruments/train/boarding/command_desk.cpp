#include "instruments/train/boarding/command_desk.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/recording/recording.hpp"

namespace signalbox::train {

std::vector<cli::Option> desk_options() {
  return {{.name = "--head", .value = "REF", .help = "the commit that would depart; by default HEAD"},
          {.name = "--package",
           .value = "NAME",
           .help = "of tags like NAME@1.2.3; by default the repository's own"},
          {.name = "--policy-ref",
           .value = "REF",
           .help = "read the policy from here instead of the last release"},
          {.name = "--allow-shallow", .help = "judge a clone that lacks history"}};
}

cli::Option key_option() {
  return {.name = "--key", .value = "NAME", .help = "sign with this key; by default this machine's"};
}

cli::Option train_option() {
  return {.name = "--train", .value = "TRAIN", .help = "by default the train that leaves next"};
}

cli::Option exception_option() {
  return {.name = "--exception",
          .value = "NUMBER",
          .help = "an exception for the scope lock, as exception request and list show it"};
}

DeskQuery desk_query(const cli::Arguments& arguments) {
  DeskQuery query;
  query.head = arguments.get_or("--head", "HEAD");
  query.package = arguments.get("--package");
  query.policy_ref = arguments.get("--policy-ref");
  if (arguments.has("--allow-shallow")) query.shallow = HistoryQuery::Shallow::allow;
  return query;
}

Result<std::optional<std::uint64_t>> exception_of(const cli::Arguments& arguments) {
  const auto given = arguments.get("--exception");
  if (!given) return std::optional<std::uint64_t>();
  const std::string_view digits = given->starts_with('#') ? std::string_view(*given).substr(1) : *given;
  const auto index = parse_integer(digits);
  if (index && *index >= 0) return std::optional(static_cast<std::uint64_t>(*index));
  return fail(ErrorKind::bad_input,
              fmt::format("--exception {}: no number of an exception", printable(*given)),
              "--exception 42: signalbox train exception list shows them");
}

Result<OpenDesk> desk_for_reading(const cli::Arguments& arguments, cli::Context& context) {
  auto book = evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  if (!book && book.error().kind != ErrorKind::not_found) return fail(book.error());
  std::optional<evidence::EvidenceBook> opened;
  if (book) opened.emplace(std::move(*book));
  SIGNALBOX_TRY(Desk desk, open_desk(context.workspace, opened ? &opened->ledger() : nullptr,
                                     desk_query(arguments), context.clock.now()));
  return OpenDesk{std::move(opened), std::move(desk)};
}

Result<OpenDesk> desk_for_writing(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_CHECK(open_repository(context.workspace));
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  recording::tell_of_new_key(book, context);
  SIGNALBOX_TRY(Desk desk,
                open_desk(context.workspace, &book.ledger(), desk_query(arguments), context.clock.now()));
  return OpenDesk{std::move(book), std::move(desk)};
}

Result<Signatory> signatory_of(const cli::Arguments& arguments, const OpenDesk& desk) {
  return find_signatory(desk.desk.policy.trust, arguments.get("--key").value_or(desk.book->own_key().name));
}

Result<Time> parse_departure(std::string_view text, Time now) {
  Time out;
  if (text.starts_with('+')) {
    SIGNALBOX_TRY(const Duration ahead, parse_duration(text.substr(1)));
    out = std::chrono::floor<std::chrono::seconds>(now) + ahead;
  } else {
    auto time = parse_rfc3339(text);
    if (!time) {
      return fail(ErrorKind::bad_input, fmt::format("{}: {}", printable(text), time.error().message),
                  "2026-12-01T10:00:00Z, with any offset, or +21d from now");
    }
    out = *time;
  }
  if (out > now) return out;
  return fail(ErrorKind::bad_input, fmt::format("{} has passed", to_rfc3339(out)), "a train leaves later");
}

std::vector<Finding> findings_of(const std::vector<Refusal>& refusals) {
  std::vector<Finding> out;
  for (const Refusal& refusal : refusals) {
    out.push_back({"train/" + refusal.code, Severity::error, refusal.message, std::nullopt, refusal.remedy});
  }
  return out;
}

std::string distance_text(Time from, Time to) {
  if (to >= from) return "in " + to_text(to - from);
  return to_text(from - to) + " ago";
}

}  // namespace signalbox::train
