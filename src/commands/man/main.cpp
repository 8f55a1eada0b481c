#include "commands/completion/commands.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::completion::man_command(), argc, argv);
}
