#include "commands/completion/shells.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::completion {
namespace {

std::string one_line(std::string_view text) {
  std::string out = printable(text);
  for (char& c : out) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return out;
}

std::string quote_fish(std::string_view text) {
  std::string out = "'";
  for (const char c : one_line(text)) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::vector<std::string> command_names(const std::vector<cli::Command>& commands) {
  std::vector<std::string> names;
  for (const cli::Command& command : commands) names.push_back(command.name);
  return names;
}

// The values that an option or a first argument of a command takes, where they are few and known.
std::vector<std::string> values_of(const cli::Command& command, const cli::Option& option) {
  static const std::vector<std::string> report_formats = {"text", "json", "md", "html", "sarif", "junit"};
  if (option.name != "--format") return option.choices;
  return command.formats.empty() ? report_formats : command.formats;
}

std::string bash_cases(const Tree& tree, const std::function<std::string(const cli::Command&)>& words) {
  std::string out;
  walk(tree, [&](const cli::Command& command, const std::string& path) {
    const std::string list = words(command);
    if (!list.empty()) out += fmt::format("    {}) echo {} ;;\n", quote_posix(path), quote_posix(list));
  });
  return out;
}

std::string option_words(const Tree& tree, const cli::Command& command) {
  std::vector<std::string> names;
  for (const cli::Option& option : options_of(tree, command)) {
    for (std::string& name : names_of(option)) names.push_back(std::move(name));
  }
  return join(names, " ");
}

std::string bash_value_cases(const Tree& tree) {
  std::string out;
  walk(tree, [&](const cli::Command& command, const std::string& path) {
    for (const cli::Option& option : options_of(tree, command)) {
      const std::vector<std::string> values = values_of(command, option);
      if (values.empty()) continue;
      for (const std::string& name : names_of(option)) {
        out += fmt::format("    {}) echo {} ;;\n", quote_posix(path + " " + name),
                           quote_posix(join(values, " ")));
      }
    }
  });
  return out;
}

std::string zsh_pair(std::string_view name, std::string_view help) {
  std::string escaped;
  for (const char c : one_line(help)) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return quote_posix(fmt::format("{}:{}", name, escaped));
}

std::string zsh_commands(const std::vector<cli::Command>& commands) {
  std::vector<std::string> pairs;
  for (const cli::Command& command : commands) pairs.push_back(zsh_pair(command.name, command.summary));
  return join(pairs, " ");
}

std::string zsh_options(const Tree& tree, const cli::Command& command) {
  std::vector<std::string> pairs;
  for (const cli::Option& option : options_of(tree, command)) {
    for (const std::string& name : names_of(option)) pairs.push_back(zsh_pair(name, option.help));
  }
  return join(pairs, " ");
}

std::string fish_command(const Tree& tree, const cli::Command& command, const std::string& path) {
  const std::string here =
      fmt::format("complete -c signalbox -n {}", quote_fish("__signalbox_at " + quote_fish(path)));
  std::string out;
  for (const cli::Command& sub : command.commands) {
    out += fmt::format("{} -f -a {} -d {}\n", here, quote_fish(sub.name), quote_fish(sub.summary));
  }
  for (const cli::Option& option : options_of(tree, command)) {
    out += here;
    for (const std::string& name : names_of(option)) {
      out +=
          name.starts_with("--") ? " -l " + quote_fish(name.substr(2)) : " -s " + quote_fish(name.substr(1));
    }
    const std::vector<std::string> values = values_of(command, option);
    if (!option.value.empty()) out += " -r";
    if (!values.empty()) out += " -f -a " + quote_fish(join(values, " "));
    out += fmt::format(" -d {}\n", quote_fish(option.help));
  }
  return out;
}

constexpr std::string_view kBash = R"sh(# bash completion of signalbox: source <(signalbox completion bash)
_signalbox_commands() {{
  case "$1" in
    signalbox) echo {commands} ;;
{command_cases}  esac
}}
_signalbox_options() {{
  case "$1" in
    signalbox) echo '--help --version' ;;
{option_cases}  esac
}}
_signalbox_values() {{
  case "$1" in
{value_cases}  esac
}}
_signalbox() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous='' here=signalbox word list i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case " {with_value} " in
      *" $previous "*) previous=''; continue ;;
    esac
    previous=$word
    case " $(_signalbox_commands "$here") " in
      *" $word "*) here+=" $word" ;;
    esac
  done
  COMPREPLY=()
  case " {with_value} " in
    *" $previous "*) list=$(_signalbox_values "$here $previous") ;;
    *)
      if [[ $current == -* ]]; then
        list=$(_signalbox_options "$here")
      else
        list=$(_signalbox_commands "$here")
      fi ;;
  esac
  [[ -n $list ]] && mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
}}
complete -o bashdefault -o default -F _signalbox signalbox
)sh";

constexpr std::string_view kZsh = R"sh(#compdef signalbox
# zsh completion of signalbox: source <(signalbox completion zsh), after compinit
_signalbox() {{
  local here=signalbox previous='' word i
  local -a commands options values with_value
  with_value=({with_value})
  for ((i = 2; i <= CURRENT; i++)); do
    commands=() options=() values=()
    case "$here" in
      signalbox) commands=({commands}) options=('--help:show help' '--version:show the version') ;;
{cases}    esac
    (( i == CURRENT )) && break
    word=${{words[i]}}
    if (( ${{with_value[(Ie)$previous]}} )); then
      previous=''
    else
      previous=$word
      (( ${{commands[(I)$word:*]}} )) && here+=" $word"
    fi
  done
  if [[ -n $previous ]] && (( ${{with_value[(Ie)$previous]}} )); then
    case "$here $previous" in
{value_cases}    esac
    if (( $#values )); then _describe value values; else _files; fi
  elif [[ ${{words[CURRENT]}} == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}}
if [[ "${{funcstack[1]}}" == _signalbox ]]; then
  _signalbox "$@"
elif (( $+functions[compdef] )); then
  compdef _signalbox signalbox
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion of signalbox: signalbox completion fish | source
set -g __signalbox_paths {paths}
set -g __signalbox_with_value {with_value}
function __signalbox_at
    set -l here signalbox
    set -l previous ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$previous" $__signalbox_with_value
            set previous ''
            continue
        end
        set previous $word
        contains -- "$here $word" $__signalbox_paths; and set here "$here $word"
    end
    test "$here" = "$argv[1]"
end
)sh";

}  // namespace

std::string quote_posix(std::string_view text) {
  std::string out = "'";
  for (const char c : one_line(text)) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_script(const Tree& tree) {
  return fmt::format(
      kBash, fmt::arg("commands", quote_posix(join(command_names(tree.commands), " "))),
      fmt::arg("command_cases",
               bash_cases(tree, [](const cli::Command& c) { return join(command_names(c.commands), " "); })),
      fmt::arg("option_cases",
               bash_cases(tree, [&](const cli::Command& c) { return option_words(tree, c); })),
      fmt::arg("value_cases", bash_value_cases(tree)),
      fmt::arg("with_value", join(options_with_value(tree), " ")));
}

std::string zsh_script(const Tree& tree) {
  std::string cases;
  std::string value_cases;
  walk(tree, [&](const cli::Command& command, const std::string& path) {
    cases += fmt::format("      {}) commands=({}) options=({}) ;;\n", quote_posix(path),
                         zsh_commands(command.commands), zsh_options(tree, command));
    for (const cli::Option& option : options_of(tree, command)) {
      const std::vector<std::string> values = values_of(command, option);
      if (values.empty()) continue;
      for (const std::string& name : names_of(option)) {
        value_cases +=
            fmt::format("      {}) values=({}) ;;\n", quote_posix(path + " " + name), join(values, " "));
      }
    }
  });
  return fmt::format(kZsh, fmt::arg("commands", zsh_commands(tree.commands)), fmt::arg("cases", cases),
                     fmt::arg("value_cases", value_cases),
                     fmt::arg("with_value", join(options_with_value(tree), " ")));
}

std::string fish_script(const Tree& tree) {
  std::vector<std::string> paths;
  std::string rules;
  for (const cli::Command& command : tree.commands) {
    rules +=
        fmt::format("complete -c signalbox -n {} -f -a {} -d {}\n", quote_fish("__signalbox_at signalbox"),
                    quote_fish(command.name), quote_fish(command.summary));
  }
  walk(tree, [&](const cli::Command& command, const std::string& path) {
    paths.push_back(quote_fish(path));
    rules += fish_command(tree, command, path);
  });
  return fmt::format(kFish, fmt::arg("paths", join(paths, " ")),
                     fmt::arg("with_value", join(options_with_value(tree), " "))) +
         rules;
}

}  // namespace signalbox::completion
