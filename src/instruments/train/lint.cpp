#include "instruments/train/lint.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/conventional_commit.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxHeaderColumns = 100;
constexpr std::size_t kShownOctets = 200;
constexpr std::string_view kScissors = "------------------------ >8 ------------------------";

const std::vector<std::string>& known_types() {
  static const std::vector<std::string> types = {"feat",     "fix",      "perf",  "revert", "docs",
                                                 "refactor", "build",    "chore", "ci",     "style",
                                                 "test",     "security", "deps",  "release"};
  return types;
}

// Line of `part` in `whole`, from 1; `part` points into it.
int line_of(std::string_view whole, std::string_view part) {
  if (part.data() < whole.data() || part.data() > whole.data() + whole.size()) return 1;
  const std::string_view before = whole.substr(0, static_cast<std::size_t>(part.data() - whole.data()));
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

std::string quoted(std::string_view header) {
  const bool cut = header.size() > kShownOctets;
  return fmt::format("`{}{}`", printable(header.substr(0, kShownOctets)), cut ? "…" : "");
}

class Linter {
 public:
  Linter(std::string_view octets, const std::string& where, const Settings& settings)
      : octets_(octets), where_(where), settings_(settings), message_(parse_message(octets)) {}

  std::vector<Finding> run() {
    header();
    type();
    length();
    breaking();
    encoding();
    return std::move(findings_);
  }

 private:
  void add(std::string rule, Severity severity, std::string text, int line, std::size_t column,
           std::string remedy) {
    findings_.push_back({std::move(rule), severity, std::move(text),
                         Location{where_, line, static_cast<int>(column)}, std::move(remedy)});
  }

  int header_line() const { return line_of(octets_, message_.header); }

  void header() {
    if (message_.kind == MessageKind::fixup) {
      add("train/fixup", Severity::warning,
          fmt::format("{} waits to be folded into another commit", quoted(message_.header)), header_line(), 1,
          "git rebase --interactive --autosquash");
    }
    if (message_.kind != MessageKind::other || names_only_a_version(message_)) return;
    const std::string proposal = propose_header(message_);
    add("train/unclassified-commit", Severity::error,
        message_.problem == HeaderProblem::empty
            ? std::string(explain(message_.problem))
            : fmt::format("{}: {}", quoted(message_.header), explain(message_.problem)),
        header_line(), message_.problem_column,
        proposal.empty() || proposal.size() > kShownOctets
            ? "type(scope): what the commit does"
            : fmt::format("perhaps `{}`", printable(proposal)));
  }

  void type() {
    if (message_.kind != MessageKind::conventional) return;
    const std::string type = to_lower(message_.type);
    const auto known = [&](const std::vector<std::string>& types) {
      return std::find(types.begin(), types.end(), type) != types.end();
    };
    if (known(known_types()) || known(settings_.routine_types)) return;
    const auto near = nearest(type, known_types());
    add("train/unknown-type", Severity::warning,
        fmt::format("`{}` is none of the usual types: notes put it under Other", printable(message_.type)),
        header_line(), 1,
        near ? fmt::format("did you mean `{}`?", *near)
             : fmt::format("one of {}", join(known_types(), ", ")));
  }

  void length() {
    const std::size_t columns = display_width(printable(message_.header));
    if (columns <= kMaxHeaderColumns || message_.kind == MessageKind::merge) return;
    add("train/long-header", Severity::note,
        fmt::format("the header has {} columns; more than {} are cut in most lists", columns,
                    kMaxHeaderColumns),
        header_line(), kMaxHeaderColumns + 1, "say the rest in the body, after a blank line");
  }

  void breaking() {
    if (message_.breaking) return;
    for (const std::string_view line : lines(message_.body)) {
      if (!starts_with_ignoring_case(line, "breaking change:") &&
          !starts_with_ignoring_case(line, "breaking changes:") &&
          !starts_with_ignoring_case(line, "breaking-change:"))
        continue;
      add("train/breaking-unread", Severity::warning,
          fmt::format("`{}` does not count as a breaking change",
                      printable(line.substr(0, line.find(':') + 1))),
          line_of(octets_, line), 1, "write `BREAKING CHANGE: ` in capitals, at the start of a paragraph");
      return;
    }
  }

  void encoding() {
    if (octets_.find('\0') == std::string_view::npos && is_utf8(octets_)) return;
    add("train/encoding", Severity::warning, "the message is no UTF-8 text: odd octets are shown as \\xHH", 1,
        0, "git config i18n.commitEncoding utf-8");
  }

  std::string_view octets_;
  const std::string& where_;
  const Settings& settings_;
  Message message_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string without_comments(std::string_view octets, char comment) {
  std::string out;
  for (const std::string_view line : split(octets, '\n')) {
    const bool is_comment = !line.empty() && line.front() == comment;
    if (is_comment && line.find(kScissors) != std::string_view::npos) break;
    // Kept as an empty line, so that places in the file stay what they are.
    if (!is_comment) out += line;
    out += '\n';
  }
  return out;
}

std::vector<Finding> lint_message(std::string_view message, const std::string& where,
                                  const Settings& settings) {
  return Linter(message, where, settings).run();
}

}  // namespace signalbox::train
