#include "commands/evidence/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::evidence_command::instrument().command, argc, argv);
}
