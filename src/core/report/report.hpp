// What a command found out, as a value. The command line, the API and the console draw the same Report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox {

enum class Verdict { none, pass, warn, fail };  // none: nothing was judged
enum class Severity { note, warning, error };
enum class Tone {
  plain,
  good,
  bad,
  caution,
  quiet
};  // how a piece of text is coloured where there is colour

// One measured or read value.
struct Fact {
  std::string name;  // "commits since the last release"
  Json value;        // number, string or boolean
  std::string unit;  // "ms", "bytes", … or empty
};

// A place in a file; line and column count from 1, 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

// Something that a rule found.
struct Finding {
  std::string rule;  // stable id, "train/unclassified-commit"
  Severity severity = Severity::warning;
  std::string message;
  std::optional<Location> location;
  std::string remedy;  // what to do; may be a command
};

// One question that was asked and its answer: a gate, a proof, a test. One test case in JUnit.
struct Check {
  std::string name;  // "tests"
  Verdict verdict = Verdict::none;
  std::string asked;   // what had to be true, in words
  std::string answer;  // what was found
  std::string reason;  // stable class of a failure: "missing", "stale", "signature", "condition", "error" …;
                       // empty on pass
  std::string remedy;                    // the command that turns it green; empty on pass
  std::optional<std::int64_t> age_s;     // of the evidence that answered
  std::optional<std::int64_t> evidence;  // its index in the log
  std::string owner;                     // who answers for it; may be empty
};

struct Column {
  enum class Align { left, right };
  std::string name;
  Align align = Align::left;
};

struct Cell {
  Cell();
  Cell(std::string value, Tone how = Tone::plain);
  Cell(const char* value, Tone how = Tone::plain);
  Cell(const Cell& other);
  Cell(Cell&& other) noexcept;
  Cell& operator=(const Cell& other);
  Cell& operator=(Cell&& other) noexcept;
  ~Cell();

  std::string text;
  Tone tone = Tone::plain;
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
};

struct Series {
  std::string name;
  std::vector<double> x;  // as long as y; where the chart has categories: 0, 1, 2 …
  std::vector<double> y;
};

struct Chart {
  enum class Kind { line, bar };
  std::string title;
  Kind kind = Kind::line;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> categories;  // names of x, empty where x is numeric
  std::vector<Series> series;
};

struct Attachment {
  std::string name;        // file name
  std::string media_type;  // "text/markdown"
  std::string octets;
};

// What copies, moves and destroys a report is compiled once, in report.cpp.
struct Report {
  Report();
  Report(const Report& other);
  Report(Report&& other) noexcept;
  Report& operator=(const Report& other);
  Report& operator=(Report&& other) noexcept;
  ~Report();

  std::string instrument;  // "train"
  std::string title;       // one line: "Departure decision for signalbox at 1a2b3c4"
  Verdict verdict = Verdict::none;
  std::string summary;  // one line under the title: "NO-GO: 1 of 4 gates is red"
  std::vector<Fact> facts;
  std::vector<Check> checks;
  std::vector<Finding> findings;
  std::vector<Table> tables;
  std::vector<Chart> charts;
  std::vector<Attachment> attachments;
  std::vector<std::string> next;  // commands worth running next, most useful first
  Json data;  // the instrument's own machine-readable result; member "data" of the JSON; may be null
};

enum class Format { text, json, md, html, sarif, junit };

std::optional<Format> format_from(std::string_view name);
std::string_view name_of(Format format);
std::string_view name_of(Verdict verdict);    // "none", "pass", "warn", "fail"
std::string_view name_of(Severity severity);  // "note", "warning", "error" as SARIF has them
std::string_view name_of(Tone tone);          // "plain", "good", "bad", "caution", "quiet"
std::string_view media_type_of(Format format);

// How text is drawn on a terminal or into a pipe.
struct TextStyle {
  bool colour = false;
  std::size_t width = 0;  // columns of the terminal; 0: no limit, for a pipe
  bool quiet = false;     // the verdict and what is wrong, nothing else
};

std::string render_text(const Report& report, const TextStyle& style);
std::string render_json(const Report& report);      // schema: docs/schemas/report-v1.json
std::string render_markdown(const Report& report);  // CommonMark with GFM tables
std::string render_html(const Report& report);      // one self-contained file
std::string render_sarif(const Report& report);     // SARIF 2.1.0; failed checks and findings become results
std::string render_junit(
    const Report& report);  // JUnit XML; a check is a test case, an error finding a failed one
std::string render(const Report& report, Format format, const TextStyle& style);

Json to_json(const Report& report);

}  // namespace signalbox
