#include "core/cli/parser.hpp"

#include <algorithm>
#include <deque>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::cli {
namespace {

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

const Option* find_option(const std::vector<Option>& options, std::string_view name) {
  for (const Option& option : options) {
    for (const std::string_view each : split(option.name, ',')) {
      if (each == name) return &option;
    }
  }
  return nullptr;
}

// Whether the next word belongs to this one: an option with a value that is not attached to it.
bool takes_next_word(const Command& command, std::string_view word) {
  const Option* option = find_option(common_options(), word);
  if (option == nullptr) option = find_option(command.options, word);
  return option != nullptr && !option->value.empty();
}

Result<const Command*> find_command(const Command& parent, const std::string& word,
                                    const std::string& typed) {
  std::vector<std::string> names;
  for (const Command& command : parent.commands) {
    if (command.name == word) return &command;
    names.push_back(command.name);
  }
  const auto near = nearest(word, names);
  return fail(ErrorKind::bad_input, fmt::format("{}: no command `{}`", typed, printable(word)),
              near ? fmt::format("did you mean `{} {}`?", typed, *near)
                   : fmt::format("commands are: {}", join(names, ", ")));
}

// `signalbox profile ./app`: a path or a program of the PATH where no command has that name.
bool begins_program(const Command& command, const std::string& word) {
  const auto named = [&](const Command& each) { return each.name == word; };
  if (!takes_program(command) || std::any_of(command.commands.begin(), command.commands.end(), named))
    return false;
  return word.find('/') != std::string::npos || find_program(word);
}

// `signalbox queries plan FILE`: the argument of a command that has commands too.
bool begins_arguments(const Command& command, const std::string& word) {
  const auto named = [&](const Command& each) { return each.name == word; };
  return !command.positionals.empty() && !takes_program(command) &&
         std::none_of(command.commands.begin(), command.commands.end(), named);
}

// Marks where the words of the other program begin, unless the user did.
void separate_program(const Command& command, std::vector<std::string>& words) {
  if (!takes_program(command)) return;
  std::size_t i = 0;
  while (i < words.size() && is_option(words[i])) {
    if (words[i] == "--") return;
    i += takes_next_word(command, words[i]) ? 2 : 1;
  }
  if (i < words.size()) words.insert(words.begin() + static_cast<std::ptrdiff_t>(i), "--");
}

// Follows the names of sub-commands, wherever options stand between them; what is left are the words of the
// last one.
Status descend(Request& request, std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size() && !request.command->commands.empty();) {
    if (words[i] == "--") break;
    if (is_option(words[i])) {
      i += takes_next_word(*request.command, words[i]) ? 2 : 1;
      continue;
    }
    if (begins_program(*request.command, words[i]) || begins_arguments(*request.command, words[i])) break;
    SIGNALBOX_TRY(request.command,
                  find_command(*request.command, words[i], "signalbox " + join(request.path, " ")));
    request.path.push_back(words[i]);
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

// One option while CLI11 reads: a flag counts, everything else collects its values.
struct Slot {
  const Option* option;
  std::vector<std::string> values;
  CLI::Option* parsed = nullptr;
};

void add_slot(CLI::App& app, Slot& slot) {
  const Option& option = *slot.option;
  if (option.value.empty()) {
    slot.parsed = app.add_flag(option.name)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  slot.parsed = app.add_option(option.name, slot.values);
  slot.parsed->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Error unknown_option(const Request& request, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* options : {&request.command->options, &common_options()}) {
    for (const Option& option : *options) {
      for (const std::string_view name : split(option.name, ',')) names.emplace_back(name);
    }
  }
  const std::string typed = "signalbox " + join(request.path, " ");
  const auto near = nearest(word.substr(0, word.find('=')), names);
  return {ErrorKind::bad_input, fmt::format("{}: no option `{}`", typed, printable(word)),
          near ? fmt::format("did you mean `{}`?", *near) : fmt::format("`{} --help` lists them", typed)};
}

Status check_choices(const Slot& slot) {
  const std::vector<std::string>& choices = slot.option->choices;
  if (choices.empty()) return {};
  for (const std::string& value : slot.values) {
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) continue;
    const auto near = nearest(value, choices);
    return fail(
        ErrorKind::bad_input,
        fmt::format("{}: `{}` is none of {}", key_of(*slot.option), printable(value), join(choices, ", ")),
        near ? fmt::format("did you mean `{}`?", *near) : std::string{});
  }
  return {};
}

Status check_positionals(const Request& request) {
  std::size_t least = 0;
  std::size_t most = 0;
  bool unbounded = false;
  const std::string typed = "signalbox " + join(request.path, " ");
  const std::vector<std::string>& given = request.arguments.positionals();
  for (const Positional& positional : request.command->positionals) {
    using enum Positional::Count;
    if (positional.count == one || positional.count == at_least_one) {
      if (given.size() <= least) {
        return fail(ErrorKind::bad_input, fmt::format("{}: {} is missing", typed, positional.name),
                    fmt::format("{}: {}", positional.name, positional.help));
      }
      ++least;
    }
    unbounded = unbounded || (positional.count != one && positional.count != optional);
    ++most;
  }
  if (!unbounded && given.size() > most) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: unexpected argument `{}`", typed, printable(given[most])),
                fmt::format("`{} --help` says what it takes", typed));
  }
  return {};
}

// Where a word after `--` stands: those are positionals, whatever they look like.
Result<std::vector<std::string>> read_words(const Request& request, const std::vector<std::string>& words,
                                            std::deque<Slot>& slots) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.allow_windows_style_options(false);
  for (Slot& slot : slots) add_slot(app, slot);
  const auto separator = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> before(words.begin(), separator);
  std::reverse(before.begin(), before.end());
  try {
    app.parse(before);
  } catch (const CLI::Error& error) {
    return fail(ErrorKind::bad_input,
                fmt::format("signalbox {}: {}", join(request.path, " "), printable(error.what())),
                fmt::format("`signalbox {} --help` says what it takes", join(request.path, " ")));
  }
  for (Slot& slot : slots) {
    if (slot.option->value.empty() && slot.parsed->count() > 0) slot.values = {"true"};
  }
  std::vector<std::string> positionals;
  for (const std::string& word : app.remaining()) {
    if (is_option(word)) return fail(unknown_option(request, word));
    positionals.push_back(word);
  }
  if (separator != words.end()) positionals.insert(positionals.end(), separator + 1, words.end());
  return positionals;
}

}  // namespace

bool takes_program(const Command& command) {
  return std::any_of(command.positionals.begin(), command.positionals.end(),
                     [](const Positional& each) { return each.count == Positional::Count::program; });
}

const std::vector<Option>& common_options() {
  static const std::vector<Option> options = {
      {"--format", "NAME", "how the result is written: text, json, md, html, sarif or junit"},
      {"--json", "", "the same as --format json"},
      {"-o,--output", "FILE", "write the result to FILE; its ending chooses the format where none is named"},
      {"-q,--quiet", "", "say the verdict and what is wrong, nothing else"},
      {"--progress", "", "show progress even where standard error is no terminal"},
      {"--store", "URL", "where evidence is kept: sqlite:PATH, postgresql://… or https://HOST"},
      {"--record", "", "record the result as signed evidence"},
      {"-C", "DIR", "run as if started in DIR"},
      {"-h,--help", "", "show this help"},
  };
  return options;
}

std::string key_of(const Option& option) {
  return std::string(split(option.name, ',').back());
}

Result<Request> parse(const Command& root, const std::vector<std::string>& given) {
  Request request{&root, {root.name}, {}, false};
  std::vector<std::string> words = given;
  SIGNALBOX_CHECK(descend(request, words));
  separate_program(*request.command, words);
  if (asks_for_help(words)) {
    request.help = true;
    return request;
  }
  std::deque<Slot> slots;
  for (const Option& option : request.command->options) slots.push_back({&option, {}});
  for (const Option& option : common_options()) {
    const auto own = std::any_of(slots.begin(), slots.end(),
                                 [&](const Slot& slot) { return key_of(*slot.option) == key_of(option); });
    if (!own) slots.push_back({&option, {}});
  }
  SIGNALBOX_TRY(request.arguments.positionals_, read_words(request, words, slots));
  if (const auto dashes = std::find(words.begin(), words.end(), "--"); dashes != words.end()) {
    const auto after = static_cast<std::size_t>(words.end() - dashes) - 1;
    request.arguments.separator_ = request.arguments.positionals_.size() - after;
  }
  for (const Slot& slot : slots) {
    SIGNALBOX_CHECK(check_choices(slot));
    if (!slot.values.empty()) request.arguments.options_[key_of(*slot.option)] = slot.values;
  }
  if (request.command->run) SIGNALBOX_CHECK(check_positionals(request));
  return request;
}

}  // namespace signalbox::cli
