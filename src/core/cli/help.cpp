#include "core/cli/help.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/parser.hpp"

namespace signalbox::cli {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string option_names(const Option& option) {
  std::string names;
  for (const std::string_view name : split(option.name, ',')) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  return option.value.empty() ? names : names + " " + option.value;
}

std::string option_help(const Option& option) {
  std::string help = option.help;
  if (!option.choices.empty()) help += fmt::format(" ({})", join(option.choices, ", "));
  if (option.repeated) help += "; may be repeated";
  return help;
}

void add_rows(std::string& out, std::string_view title, const Rows& rows) {
  if (rows.empty()) return;
  std::size_t width = 0;
  for (const auto& [name, help] : rows) width = std::max(width, name.size());
  out += fmt::format("\n{}:\n", title);
  for (const auto& [name, help] : rows) out += fmt::format("  {:<{}}  {}\n", name, width, help);
}

Rows option_rows(const std::vector<Option>& options) {
  Rows rows;
  for (const Option& option : options) rows.emplace_back(option_names(option), option_help(option));
  return rows;
}

std::string_view name_of(Positional::Count count) {
  switch (count) {
    case Positional::Count::one:
      return "one";
    case Positional::Count::optional:
      return "optional";
    case Positional::Count::any:
      return "any";
    case Positional::Count::at_least_one:
      return "at_least_one";
    case Positional::Count::program:
      return "program";
  }
  return "one";
}

Json strings(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

Json options_json(const std::vector<Option>& options) {
  Json out = Json::array();
  for (const Option& option : options) {
    Json names = Json::array();
    for (const std::string_view name : split(option.name, ',')) names.push_back(name);
    out.push_back(Json::object({{"names", names},
                                {"value", option.value},
                                {"help", option.help},
                                {"choices", strings(option.choices)},
                                {"repeated", option.repeated}}));
  }
  return out;
}

Json command_json(const Command& command) {
  Json positionals = Json::array();
  for (const Positional& positional : command.positionals) {
    positionals.push_back(Json::object(
        {{"name", positional.name}, {"help", positional.help}, {"count", name_of(positional.count)}}));
  }
  Json commands = Json::array();
  for (const Command& sub : command.commands) commands.push_back(command_json(sub));
  return Json::object({{"name", command.name},
                       {"summary", command.summary},
                       {"details", command.details},
                       {"options", options_json(command.options)},
                       {"positionals", positionals},
                       {"formats", strings(command.formats)},
                       {"commands", commands}});
}

}  // namespace

std::string synopsis(const Command& command, const std::vector<std::string>& path) {
  std::string line = "signalbox " + join(path, " ");
  // A command that has both stands first for itself: `signalbox serve`, `signalbox serve token list`.
  if (!command.commands.empty())
    return line + (!command.run             ? " COMMAND [ARGUMENT...]"
                   : takes_program(command) ? " [OPTION...] [--] PROGRAM [ARGUMENT...] | COMMAND"
                                            : " [OPTION...] | COMMAND");
  line += " [OPTION...]";
  for (const Positional& positional : command.positionals) {
    switch (positional.count) {
      case Positional::Count::one:
        line += " " + positional.name;
        break;
      case Positional::Count::optional:
        line += " [" + positional.name + "]";
        break;
      case Positional::Count::any:
        line += " [" + positional.name + "...]";
        break;
      case Positional::Count::at_least_one:
        line += " " + positional.name + "...";
        break;
      case Positional::Count::program:
        line += " [--] " + positional.name + " [ARGUMENT...]";
        break;
    }
  }
  return line;
}

std::string help_text(const Command& command, const std::vector<std::string>& path) {
  std::string out = fmt::format("{}\n\nusage: {}\n", command.summary, synopsis(command, path));
  if (!command.details.empty()) out += fmt::format("\n{}\n", command.details);
  Rows commands;
  for (const Command& sub : command.commands) commands.emplace_back(sub.name, sub.summary);
  add_rows(out, "Commands", commands);
  Rows positionals;
  for (const Positional& positional : command.positionals) {
    positionals.emplace_back(positional.name, positional.help);
  }
  add_rows(out, "Arguments", positionals);
  add_rows(out, "Options", option_rows(command.options));
  if (!command.formats.empty()) {
    add_rows(out, "Formats",
             {{"--format", fmt::format("{} (the first is the default)", join(command.formats, ", "))}});
  }
  add_rows(out, "Options of every command", option_rows(common_options()));
  return out;
}

Json describe(const Command& root) {
  Json out = command_json(root);
  out.set("common_options", options_json(common_options()));
  return out;
}

}  // namespace signalbox::cli
