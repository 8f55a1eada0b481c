#include "commands/completion/man.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/help.hpp"

namespace signalbox::completion {
namespace {

// The code point at the front of well-formed UTF-8, and how many octets it takes.
std::pair<std::uint32_t, std::size_t> first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length && i < text.size(); ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {code, length};
}

std::string header(std::string_view page, std::string_view name, std::string_view summary) {
  return fmt::format(".TH {} 1 \"\" Signalbox \"Signalbox manual\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n",
                     escape_roff(to_lower(page)), escape_roff(name), escape_roff(summary));
}

std::string options_list(const std::vector<cli::Option>& options) {
  std::string out;
  for (const cli::Option& option : options) {
    out += fmt::format(".TP\n\\fB{}\\fP", escape_roff(join(names_of(option), ", ")));
    if (!option.value.empty()) out += fmt::format(" \\fI{}\\fP", escape_roff(option.value));
    out += fmt::format("\n{}", escape_roff(option.help));
    if (!option.choices.empty()) out += escape_roff(fmt::format(" ({})", join(option.choices, ", ")));
    out += '\n';
  }
  return out;
}

std::string details_of(const cli::Command& command) {
  std::string out;
  for (const std::string_view line : lines(command.details)) {
    out += line.empty() ? std::string(".PP\n") : fmt::format("{}\n.br\n", escape_roff(line));
  }
  return out;
}

// A command with its arguments and options, as a subsection.
std::string command_text(const cli::Command& command, const std::string& words) {
  std::vector<std::string> path;
  for (const std::string_view word : split(words, ' ')) path.emplace_back(word);
  path.erase(path.begin());
  std::string out = fmt::format(".SS {}\n{}\n.PP\n\\fB{}\\fP\n", escape_roff(words),
                                escape_roff(command.summary), escape_roff(cli::synopsis(command, path)));
  if (!command.details.empty()) out += ".PP\n" + details_of(command);
  for (const cli::Positional& positional : command.positionals) {
    out += fmt::format(".TP\n\\fI{}\\fP\n{}\n", escape_roff(positional.name), escape_roff(positional.help));
  }
  if (!command.formats.empty()) {
    out +=
        fmt::format(".TP\n\\fB\\-\\-format\\fP \\fINAME\\fP\n{}\n", escape_roff(join(command.formats, ", ")));
  }
  return out + options_list(command.options);
}

constexpr std::string_view kEnd = R"(.SH EXIT STATUS
.TP
0
done, and nothing is wrong
.TP
1
done, and the check says no
.TP
2
the input or usage is wrong
.TP
3
something needed is not there: a server, a permission, a package
.TP
4
a bug in Signalbox
.SH ENVIRONMENT
.TP
SIGNALBOX_STORE
where evidence is kept, as \-\-store
.TP
NO_COLOR
no colour, whatever its value
)";

Page program_page(const Tree& tree, const cli::Command& command) {
  const std::string name = "signalbox-" + command.name;
  std::string roff = header(name, name, command.summary);
  roff +=
      fmt::format(".SH SYNOPSIS\n{}\n.SH DESCRIPTION\n", escape_roff(cli::synopsis(command, {command.name})));
  Tree alone;
  alone.commands = {command};
  walk(alone, [&](const cli::Command& each, const std::string& words) { roff += command_text(each, words); });
  roff += ".SH OPTIONS OF EVERY COMMAND\n" + options_list(tree.common);
  roff += kEnd;
  return {name + ".1", roff + ".SH SEE ALSO\nsignalbox(1)\n"};
}

Page front_page(const Tree& tree) {
  std::string roff =
      header("signalbox", "signalbox", "measure, keep the evidence, let the release train depart");
  roff += ".SH SYNOPSIS\nsignalbox COMMAND [ARGUMENT...]\n.SH COMMANDS\n";
  std::vector<std::string> pages;
  for (const cli::Command& command : tree.commands) {
    roff += fmt::format(".TP\n\\fB{}\\fP\n{}\n", escape_roff(command.name), escape_roff(command.summary));
    pages.push_back(escape_roff("signalbox-" + command.name) + "(1)");
  }
  roff += ".SH OPTIONS OF EVERY COMMAND\n" + options_list(tree.common);
  roff += kEnd;
  return {"signalbox.1", roff + fmt::format(".SH SEE ALSO\n{}\n", join(pages, ", "))};
}

}  // namespace

std::string escape_roff(std::string_view octets) {
  const std::string text = printable(octets);
  std::string_view rest = text;
  std::string out;
  while (!rest.empty()) {
    const auto [code, length] = first_code_point(rest);
    const bool at_start = out.empty() || out.back() == '\n';
    if (at_start && (code == '.' || code == '\'')) out += "\\&";
    if (code == '\\') {
      out += "\\e";
    } else if (code == '-') {
      out += "\\-";
    } else if (code >= 0x80) {
      out += fmt::format("\\[u{:04X}]", code);
    } else {
      out += static_cast<char>(code);
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return out;
}

std::vector<Page> man_pages(const Tree& tree) {
  std::vector<Page> pages = {front_page(tree)};
  for (const cli::Command& command : tree.commands) pages.push_back(program_page(tree, command));
  return pages;
}

}  // namespace signalbox::completion
