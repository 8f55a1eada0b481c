#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/help.hpp"
#include "core/cli/parser.hpp"
#include "core/cli/progress.hpp"

namespace signalbox::cli {
namespace {

namespace fs = std::filesystem;

// Where the result goes and how it is drawn.
struct Destination {
  std::string file;    // empty: standard output
  std::string format;  // the name that --format took, or its default
  TextStyle style;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

int complain(const Error& error) {
  std::string text = "error: " + printable(error.message) + "\n";
  if (!error.hint.empty()) text += "hint: " + printable(error.hint) + "\n";
  if (error.kind == ErrorKind::internal) {
    text += "this is a bug in Signalbox: please report it, with the command and this text\n";
  }
  std::fputs(text.c_str(), stderr);
  return exit_code(error.kind);
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const auto columns = parse_integer(environment("COLUMNS"));
  constexpr std::size_t kUsualColumns = 80;
  return columns && *columns > 0 && *columns < 10'000 ? static_cast<std::size_t>(*columns) : kUsualColumns;
}

TextStyle style_of(const Arguments& arguments, const std::string& file) {
  TextStyle style;
  const bool terminal = file.empty() && ::isatty(STDOUT_FILENO) == 1;
  style.colour = terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  style.width = terminal ? terminal_width() : 0;
  style.quiet = arguments.has("--quiet");
  return style;
}

std::vector<std::string> report_formats() {
  return {"text", "json", "md", "html", "sarif", "junit"};
}

// The format that a file's name asks for; empty where it says nothing.
std::string format_of_file(const std::string& file) {
  static constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
      {".sarif.json", "sarif"}, {".sarif", "sarif"}, {".json", "json"}, {".md", "md"},
      {".html", "html"},        {".xml", "junit"},   {".txt", "text"}};
  for (const auto& [ending, format] : kEndings) {
    if (file.ends_with(ending)) return std::string(format);
  }
  return {};
}

Result<std::string> choose_format(const Command& command, const Arguments& arguments,
                                  const std::string& file) {
  const std::vector<std::string> known = command.formats.empty() ? report_formats() : command.formats;
  const auto knows = [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  const std::string wanted = arguments.has("--json") ? "json" : arguments.get_or("--format", "");
  if (wanted.empty()) {
    const std::string by_name = format_of_file(file);
    return !by_name.empty() && knows(by_name) ? by_name : known.front();
  }
  if (knows(wanted)) return wanted;
  const auto near = nearest(wanted, known);
  return fail(ErrorKind::bad_input,
              fmt::format("--format: `{}` is none of {}", printable(wanted), join(known, ", ")),
              near ? fmt::format("did you mean `{}`?", *near) : std::string{});
}

// Where the result goes; what --format means then stands in the arguments.
Result<Destination> destination_of(const Command& command, Arguments& arguments) {
  Destination to;
  if (command.output == Command::Output::own_files) {
    to.style = style_of(arguments, to.file);
    to.format = arguments.has("--json") ? "json" : "text";
    return to;
  }
  to.file = arguments.get_or("--output", "");
  to.style = style_of(arguments, to.file);
  SIGNALBOX_TRY(to.format, choose_format(command, arguments, to.file));
  arguments.options_["--format"] = {to.format};
  return to;
}

Status write_stream(std::FILE* stream, std::string_view octets, std::string_view name) {
  const bool written = std::fwrite(octets.data(), 1, octets.size(), stream) == octets.size();
  if (!written || std::fflush(stream) != 0) {
    return fail(error_from_errno(errno, fmt::format("writing to {}", name)));
  }
  return {};
}

// A regular file is replaced as one step; a device or a pipe is written to, never replaced.
Status write_output(const std::string& file, std::string_view octets) {
  if (file.empty() || file == "-") return write_stream(stdout, octets, "standard output");
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status) || fs::is_regular_file(status)) return write_file_atomically(file, octets);
  if (fs::is_directory(status)) return fail(ErrorKind::bad_input, fmt::format("{}: is a folder", file));
  std::FILE* stream = std::fopen(file.c_str(), "we");
  if (stream == nullptr) return fail(error_from_errno(errno, file));
  Status written = write_stream(stream, octets, file);
  std::fclose(stream);
  return written;
}

Result<bool> records(const Workspace& workspace, const Arguments& arguments) {
  if (arguments.has("--record")) return true;
  SIGNALBOX_TRY(const config::Node evidence, section(workspace, "evidence"));
  const config::Node record = evidence["record"];
  if (!record.exists()) return false;
  SIGNALBOX_TRY(const std::string value, record.text());
  if (value == "always") return true;
  if (value == "on-request") return false;
  return record.wrong(fmt::format("`{}` is neither always nor on-request", printable(value)));
}

Result<int> deliver(const Outcome& outcome, const Destination& to) {
  if (const auto* artifact = std::get_if<Artifact>(&outcome)) {
    SIGNALBOX_CHECK(write_output(to.file, artifact->octets));
    return artifact->verdict == Verdict::fail ? 1 : 0;
  }
  const auto* unanswered = std::get_if<Unanswered>(&outcome);
  const auto* relayed = std::get_if<Relayed>(&outcome);
  const Report& report = unanswered != nullptr ? unanswered->report
                         : relayed != nullptr  ? relayed->report
                                               : std::get<Report>(outcome);
  const std::optional<Format> format = format_from(to.format);
  std::string text = render(report, format.value_or(Format::text), to.style);
  if (!text.empty() && text.back() != '\n') text += '\n';
  // Where a product is asked for, a report says why there is none: what -o names stays as it is.
  if (!format) {
    SIGNALBOX_CHECK(write_stream(stderr, text, "standard error"));
  } else {
    SIGNALBOX_CHECK(write_output(to.file, text));
  }
  if (format && !to.file.empty() && to.file != "-" && !to.style.quiet) {
    std::fputs(fmt::format("{}: {}\n", printable(to.file), printable(report.summary)).c_str(), stderr);
  }
  if (unanswered != nullptr) return fail(unanswered->why);
  if (relayed != nullptr) return relayed->exit_code;
  return report.verdict == Verdict::fail ? 1 : 0;
}

ProgressStyle progress_style(const Arguments& arguments) {
  if (arguments.has("--quiet")) return ProgressStyle::none;
  if (::isatty(STDERR_FILENO) == 1) return ProgressStyle::terminal;
  return arguments.has("--progress") ? ProgressStyle::lines : ProgressStyle::none;
}

Result<Workspace> workspace_for(const Command& command) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) {
    return fail(ErrorKind::unavailable, "the current folder: " + error.message(),
                "it was removed or may not be read: change to another folder");
  }
  Result<Workspace> found = find_workspace(here);
  if (found || !command.anywhere) return found;
  Workspace bare;
  bare.root = here;
  bare.state = here / ".signalbox";
  bare.name = here.filename().string();
  return bare;
}

Result<int> run_command(Request& request) {
  Arguments& arguments = request.arguments;
  if (const auto folder = arguments.get("-C"); folder && ::chdir(folder->c_str()) != 0) {
    return fail(error_from_errno(errno, "-C " + *folder));
  }
  SIGNALBOX_TRY(const Destination to, destination_of(*request.command, arguments));
  SIGNALBOX_TRY(const Workspace workspace, workspace_for(*request.command));
  BarProgress progress(progress_style(arguments));
  const SystemClock clock;
  Context context{workspace, clock, progress};
  context.format = format_from(to.format).value_or(Format::text);
  context.style = to.style;
  context.store = arguments.get_or("--store", environment("SIGNALBOX_STORE"));
  if (!request.command->anywhere) {
    SIGNALBOX_TRY(context.record, records(workspace, arguments));
  }
  context.say = [&](std::string_view line) {
    progress.clear();
    if (!to.style.quiet) std::fputs((printable(line) + "\n").c_str(), stderr);
  };
  Result<Outcome> outcome = request.command->run(arguments, context);
  progress.finish();
  if (!outcome) return fail(std::move(outcome).error());
  return deliver(*outcome, to);
}

Result<int> run_words(const Command& root, const std::vector<std::string>& words) {
  if (words.size() == 1 && words.front() == "--describe") {
    SIGNALBOX_CHECK(write_output({}, describe(root).dump() + "\n"));
    return 0;
  }
  SIGNALBOX_TRY(Request request, parse(root, words));
  const std::string help = help_text(*request.command, request.path);
  if (request.help) {
    SIGNALBOX_CHECK(write_output({}, help));
    return 0;
  }
  if (!request.command->run) {
    std::fputs(help.c_str(), stderr);
    return exit_code(ErrorKind::bad_input);
  }
  return run_command(request);
}

}  // namespace

int run_program(const Command& root, int argc, char** argv) {
  try {
    const Result<int> code =
        run_words(root, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    return code ? *code : complain(code.error());
  } catch (const std::exception& error) {
    return complain({ErrorKind::internal, error.what(), {}});
  } catch (...) {
    return complain({ErrorKind::internal, "an exception of an unknown kind", {}});
  }
}

}  // namespace signalbox::cli
