// A program's commands as plain values. One file (parser.cpp) turns them into a CLI11 parser; help,
// completion and man pages walk the same tree.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"
#include "core/report/report.hpp"

namespace signalbox::cli {

struct Option {
  std::string name;                  // "--base" or "-o,--output"; the long name is its key
  std::string value;                 // "TAG"; empty: a flag
  std::string help;                  // one line
  std::vector<std::string> choices;  // the values allowed, empty: any
  bool repeated = false;             // may stand several times
};

struct Positional {
  std::string name;  // "FILE"
  std::string help;
  // program: another program and its arguments; from its first word on no word is an option or command of
  // ours.
  enum class Count { one, optional, any, at_least_one, program } count = Count::one;
};

// What the user typed, after parsing.
class Arguments {
 public:
  bool has(std::string_view option) const;                        // "--base"
  std::optional<std::string> get(std::string_view option) const;  // the last value
  std::string get_or(std::string_view option, std::string_view fallback) const;
  std::vector<std::string> all(std::string_view option) const;  // every value, in order
  const std::vector<std::string>& positionals() const { return positionals_; }
  std::optional<std::string> positional(std::size_t index) const;

  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> positionals_;
  std::optional<std::size_t> separator_;  // of them, how many stood before `--`; nullopt: there was none
};

// A bar with rate and time left on standard error, drawn once something takes over a second and standard
// error is a terminal.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void update(std::uint64_t done, std::uint64_t total,
                      std::string_view unit) = 0;  // total 0: unknown
  virtual void finish() = 0;
};

// Where a command runs: the workspace, the clock, and ways to speak to the user other than its outcome.
struct Context {
  const Workspace& workspace;
  const Clock& clock;
  Progress& progress;
  Format format = Format::text;
  TextStyle style;
  std::string store;    // --store or $SIGNALBOX_STORE; empty: the workspace's own
  bool record = false;  // --record, or evidence.record: always
  std::function<void(std::string_view line)>
      say;  // a line on standard error now (progress of a long job, an address to open)
};

// Bytes that are the product itself (a calendar, a key, notes): printed or written to -o as they are.
struct Artifact {
  std::string octets;
  Verdict verdict = Verdict::none;  // fail: exit 1
};

// A question that could not be answered for want of something. The report of what is known is drawn, then
// `why` is told, and its kind is the exit code.
struct Unanswered {
  Report report;
  Error why;
};

// A report of another program that was run, whose exit code becomes ours.
struct Relayed {
  Report report;
  int exit_code = 0;
};

using Outcome = std::variant<Report, Artifact, Unanswered, Relayed>;
using Handler = std::function<Result<Outcome>(const Arguments&, Context&)>;

struct Command {
  std::string name;     // "plan"
  std::string summary;  // one line, starts with a verb, no full stop
  std::string details;  // paragraphs for help and the man page; may be empty
  std::vector<Option> options;
  std::vector<Positional> positionals;
  std::vector<Command> commands;  // sub-commands; a command has these, a handler, or both
  Handler run;
  std::vector<std::string>
      formats;  // where the product is an artifact: the names --format takes, first is the default
  // What -o and --format are about: what is printed, or files that the command writes itself. It has an
  // option --format of its own then, and its report is printed as text, or as JSON with --json.
  enum class Output { printed, own_files } output = Output::printed;
  bool anywhere = false;  // runs also where signalbox.yaml is broken, in a workspace without sections
};

// Whether a command's words are another program and its arguments.
bool takes_program(const Command& command);

// Options every command takes: --format --json -o --quiet --progress --store --record -C DIR --help. The
// returned number is the exit code: 0, 1 (verdict fail), or that of the error's kind, which is printed with
// its hint on standard error.
int run_program(const Command& root, int argc, char** argv);

// The whole tree as JSON, for the front door's completion and man pages: what `signalbox-NAME --describe`
// prints.
Json describe(const Command& root);

}  // namespace signalbox::cli
