#include "commands/completion/tree.hpp"

#include <algorithm>
#include <set>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::completion {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> strings(const Json& array) {
  std::vector<std::string> out;
  for (const Json& item : array.items()) out.emplace_back(item.as_string());
  return out;
}

std::vector<cli::Option> options_from(const Json& array) {
  std::vector<cli::Option> out;
  for (const Json& item : array.items()) {
    out.push_back({join(strings(item["names"]), ","), std::string(item["value"].as_string()),
                   std::string(item["help"].as_string()), strings(item["choices"]),
                   item["repeated"].as_bool()});
  }
  return out;
}

cli::Positional::Count count_from(std::string_view name) {
  if (name == "optional") return cli::Positional::Count::optional;
  if (name == "any") return cli::Positional::Count::any;
  if (name == "at_least_one") return cli::Positional::Count::at_least_one;
  if (name == "program") return cli::Positional::Count::program;
  return cli::Positional::Count::one;
}

void walk_from(const cli::Command& command, const std::string& words,
               const std::function<void(const cli::Command&, const std::string&)>& visit) {
  visit(command, words);
  for (const cli::Command& sub : command.commands) walk_from(sub, words + " " + sub.name, visit);
}

}  // namespace

Result<cli::Command> command_from(const Json& description) {
  cli::Command command;
  command.name = description["name"].as_string();
  if (command.name.empty()) return fail(ErrorKind::bad_input, "a command without a name");
  command.summary = description["summary"].as_string();
  command.details = description["details"].as_string();
  command.options = options_from(description["options"]);
  command.formats = strings(description["formats"]);
  for (const Json& item : description["positionals"].items()) {
    command.positionals.push_back({std::string(item["name"].as_string()),
                                   std::string(item["help"].as_string()),
                                   count_from(item["count"].as_string())});
  }
  for (const Json& item : description["commands"].items()) {
    SIGNALBOX_TRY(cli::Command sub, command_from(item));
    command.commands.push_back(std::move(sub));
  }
  return command;
}

Result<Tree> read_tree(const fs::path& library) {
  constexpr std::string_view kPrefix = "signalbox-";
  Tree tree;
  std::error_code error;
  for (fs::directory_iterator entry(library, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kPrefix) || !entry->is_regular_file()) continue;
    ProcessOptions options;
    options.deadline = std::chrono::seconds(5);
    const auto ran = run_process({entry->path().string(), "--describe"}, options);
    if (!ran || ran->exit_code != 0) continue;
    const auto description = parse_json(ran->output);
    if (!description) continue;
    auto command = command_from(*description);
    if (!command) continue;
    if (tree.common.empty()) tree.common = options_from((*description)["common_options"]);
    tree.commands.push_back(std::move(*command));
  }
  if (tree.commands.empty()) {
    return fail(ErrorKind::unavailable, "no commands in " + library.string(), "install Signalbox again");
  }
  std::sort(tree.commands.begin(), tree.commands.end(),
            [](const cli::Command& a, const cli::Command& b) { return a.name < b.name; });
  return tree;
}

void walk(const Tree& tree, const std::function<void(const cli::Command&, const std::string&)>& visit) {
  for (const cli::Command& command : tree.commands) walk_from(command, "signalbox " + command.name, visit);
}

std::vector<std::string> names_of(const cli::Option& option) {
  std::vector<std::string> names;
  for (const std::string_view name : split(option.name, ',')) names.emplace_back(name);
  return names;
}

std::vector<cli::Option> options_of(const Tree& tree, const cli::Command& command) {
  std::vector<cli::Option> options = command.options;
  options.insert(options.end(), tree.common.begin(), tree.common.end());
  return options;
}

std::vector<std::string> options_with_value(const Tree& tree) {
  std::set<std::string> found;
  const auto add = [&](const std::vector<cli::Option>& options) {
    for (const cli::Option& option : options) {
      for (const std::string& name : names_of(option)) {
        if (!option.value.empty()) found.insert(name);
      }
    }
  };
  add(tree.common);
  walk(tree, [&](const cli::Command& command, const std::string&) { add(command.options); });
  return {found.begin(), found.end()};
}

}  // namespace signalbox::completion
