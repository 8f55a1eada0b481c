// `signalbox profile symbols`: names for machine code that was stripped.
#include <memory>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/elf/debug_file.hpp"
#include "instruments/profile/elf/go_table.hpp"
#include "instruments/profile/elf/mini_debug.hpp"
#include "instruments/profile/symbols/debug_link.hpp"
#include "instruments/profile/symbols/debuginfod_client.hpp"
#include "instruments/profile/symbols/symbol_store.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{90};  // a person waits for it, and large files take their time

Report new_report(std::string title) {
  Report out;
  out.instrument = "profile";
  out.title = std::move(title);
  return out;
}

std::string words_of(const std::vector<SymbolKind>& kinds) {
  std::vector<std::string> out;
  for (const SymbolKind kind : kinds) out.emplace_back(name_of(kind));
  return join(out, ", ");
}

Result<cli::Outcome> push(const cli::Arguments& arguments, cli::Context&) {
  const SymbolStore store = SymbolStore::of_this_user();
  Report report = new_report("Files kept by build id");
  Table table{"", {{"file"}, {"build id"}, {"serves as"}, {"kept"}}, {}};
  Json kept = Json::array();
  for (const std::string& file : arguments.positionals()) {
    SIGNALBOX_TRY(const KeptSymbols each, store.add(file));
    table.rows.push_back({printable(file),
                          each.build_id,
                          words_of(each.kinds),
                          {each.was_there ? "was there" : "now", each.was_there ? Tone::quiet : Tone::good}});
    kept.push_back(Json::object({{"file", file},
                                 {"build_id", each.build_id},
                                 {"serves_as", words_of(each.kinds)},
                                 {"octets", static_cast<std::int64_t>(each.octets)},
                                 {"was_there", each.was_there}}));
  }
  report.summary =
      fmt::format("{} in {}", counted(arguments.positionals().size(), "file"), store.root().string());
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"kept", std::move(kept)}, {"folder", store.root().string()}});
  report.next = {"signalbox profile symbols serve gives them to other machines"};
  return report;
}

// Where one of the two files of a build id lies.
struct Place {
  std::string where;
  fs::path path;
};

std::vector<Place> places_of(const std::string& build_id, SymbolKind kind, DebuginfodClient& servers) {
  std::vector<Place> out;
  const SymbolStore own = SymbolStore::of_this_user();
  if (const auto path = own.find(build_id, kind)) out.push_back({"kept here", *path});
  for (const fs::path& directory : DebugPlaces().directories)
    if (const auto path = SymbolStore(directory).find(build_id, kind)) out.push_back({"the system", *path});
  if (const auto path = servers.find(build_id, kind); path && *path)
    out.push_back({"a server of $DEBUGINFOD_URLS", **path});
  return out;
}

// A build id, or that of a file.
Result<std::string> build_id_from(const std::string& word) {
  if (is_build_id(word)) return word;
  SIGNALBOX_TRY(const ElfFile elf, ElfFile::open(word));
  if (!elf.build_id().empty()) return elf.build_id();
  return fail(ErrorKind::bad_input, printable(word) + ": has no build id", "link it with -Wl,--build-id");
}

Result<cli::Outcome> find(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const std::string build_id, build_id_from(*arguments.positional(0)));
  Report report = new_report("Where the files of build id " + build_id + " are");
  Table table{"", {{"file"}, {"where"}, {"path"}}, {}};
  Json found = Json::array();
  bool has_names = false;
  DebuginfodClient servers({.patience = kPatience});
  for (const SymbolKind kind : {SymbolKind::debuginfo, SymbolKind::executable}) {
    const std::vector<Place> places = places_of(build_id, kind, servers);
    has_names = has_names || (kind == SymbolKind::debuginfo && !places.empty());
    if (places.empty()) table.rows.push_back({std::string(name_of(kind)), {"nowhere", Tone::caution}, ""});
    for (const Place& place : places) {
      table.rows.push_back({std::string(name_of(kind)), place.where, printable(place.path.string())});
      found.push_back(
          Json::object({{"kind", name_of(kind)}, {"where", place.where}, {"path", place.path.string()}}));
    }
  }
  report.verdict = has_names ? Verdict::pass : Verdict::fail;
  report.summary = has_names ? "its functions have names" : "its debug information is nowhere to be had";
  if (!has_names) {
    report.next = {
        "signalbox profile symbols push FILE keeps a file with its names, from where it was built"};
    if (!DebuginfodClient::is_wanted())
      report.next.push_back("DEBUGINFOD_URLS=https://debuginfod.debian.net asks the distribution's server");
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"build_id", build_id}, {"found", std::move(found)}});
  const std::string trouble = servers.trouble();
  if (trouble.empty()) return report;
  if (!has_names) {
    // Nobody knows whether they have it.
    report.verdict = Verdict::none;
    report.summary = "its debug information is not here, and the servers did not say";
    return cli::Unanswered{std::move(report), {ErrorKind::unavailable, trouble, ""}};
  }
  Finding finding;
  finding.rule = "profile/symbol-servers";
  finding.severity = Severity::note;
  finding.message = trouble;
  report.findings.push_back(std::move(finding));
  return report;
}

Check check_of(std::string name, bool holds, std::string answer, Verdict otherwise, std::string remedy) {
  Check out;
  out.name = std::move(name);
  out.verdict = holds ? Verdict::pass : otherwise;
  out.answer = std::move(answer);
  if (holds) return out;
  out.reason = "missing";
  out.remedy = std::move(remedy);
  return out;
}

std::string in_words(bool is_there) {
  return is_there ? "there" : "not there";
}

// Whether functions, lines and stacks of a file will be seen in profiles.
void verify_file(const std::shared_ptr<const ElfFile>& file, const std::string& name, Report& report) {
  const ElfFile& elf = *file;
  const SymbolContents contents = contents_of(elf);
  const auto debug_file = find_debug_file(elf, {{"/usr/lib/debug", SymbolStore::of_this_user().root()}, {}});
  const SymbolContents of_debug_file = debug_file ? contents_of(*debug_file) : SymbolContents();
  const auto add = [&](std::string_view what, bool holds, std::string answer, Verdict otherwise,
                       std::string remedy) {
    report.checks.push_back(
        check_of(fmt::format("{}: {}", name, what), holds, std::move(answer), otherwise, std::move(remedy)));
  };
  add("build id", !elf.build_id().empty(), elf.build_id().empty() ? "none" : elf.build_id(), Verdict::fail,
      "link with -Wl,--build-id");
  const bool is_of_go = GoTable::open(file) != nullptr;
  const bool has_names = contents.symbols || of_debug_file.symbols || of_debug_file.debug_info || is_of_go ||
                         read_mini_debug(elf) != nullptr;
  add("names of functions", has_names,
      debug_file ? "in " + printable(debug_file->name()) : in_words(has_names), Verdict::fail,
      "signalbox profile symbols push FILE, with the file as it was before it was stripped");
  const bool has_lines = contents.debug_info || of_debug_file.debug_info || is_of_go;
  add("source lines", has_lines, in_words(has_lines), Verdict::warn, "compile with -g");
  if (contents.code)
    add("rows to unwind stacks by", contents.unwind_rows, in_words(contents.unwind_rows), Verdict::warn,
        "compile without -fno-asynchronous-unwind-tables, or with -fno-omit-frame-pointer");
  const auto wanted = debug_link_checksum(elf);
  if (!wanted) return;
  const bool is_same = debug_file != nullptr && checksum_of(debug_file->octets()) == *wanted;
  add("debug file " + printable(contents.link), is_same,
      debug_file == nullptr ? "not found"
      : is_same             ? "as it was when the program was stripped"
                            : "has the build id, and other octets than when the program was stripped",
      Verdict::warn, "signalbox profile symbols find " + elf.build_id());
}

Result<cli::Outcome> verify(const cli::Arguments& arguments, cli::Context&) {
  Report report = new_report("What profiles will show of these files");
  for (const std::string& file : arguments.positionals()) {
    SIGNALBOX_TRY(ElfFile elf, ElfFile::open(file));
    verify_file(std::make_shared<const ElfFile>(std::move(elf)),
                printable(fs::path(file).filename().string()), report);
  }
  std::size_t failed = 0;
  std::size_t warned = 0;
  for (const Check& check : report.checks) {
    failed += check.verdict == Verdict::fail;
    warned += check.verdict == Verdict::warn;
  }
  report.verdict = failed > 0 ? Verdict::fail : warned > 0 ? Verdict::warn : Verdict::pass;
  report.summary = failed > 0
                       ? fmt::format("{} of {} are missing", failed, counted(report.checks.size(), "thing"))
                   : warned > 0 ? fmt::format("names are there; {} could be better", counted(warned, "thing"))
                                : "everything is there";
  return report;
}

cli::Command command(std::string name, std::string summary, std::string details, cli::Positional positional,
                     cli::Handler run) {
  cli::Command out;
  out.name = std::move(name);
  out.summary = std::move(summary);
  out.details = std::move(details);
  out.positionals = {std::move(positional)};
  out.run = std::move(run);
  out.anywhere = true;
  return out;
}

}  // namespace

cli::Command symbols_command() {
  using Count = cli::Positional::Count;
  cli::Command out;
  out.name = "symbols";
  out.summary = "Keep, find and serve the names of stripped programs";
  out.commands = {
      command("push", "Keep programs and debug files by build id",
              "Copies them to where every later recording of this user looks: a program before it is "
              "stripped, or "
              "its separate debug file.",
              {"FILE", "a program, a library or its debug file", Count::at_least_one}, push),
      command("find", "Say where the names of a build id are",
              "Looks among what was pushed, in the system's /usr/lib/debug and at the servers of "
              "$DEBUGINFOD_URLS. "
              "Exit 1 where its debug information is nowhere.",
              {"BUILDID", "a build id, or a file that has one", Count::one}, find),
      command("verify", "Say what profiles will show of a file",
              "Build id, names, lines, rows to unwind by, and whether its debug file is the right one. Exit "
              "1 where "
              "functions would have no names.",
              {"FILE", "a program or library", Count::at_least_one}, verify),
      symbols_serve_command(),
  };
  return out;
}

}  // namespace signalbox::profile
