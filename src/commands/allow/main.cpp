#include "commands/allow/allow.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::allow::command(), argc, argv);
}
