/* What the program in the kernel and the profiler share: plain C, the same octets on both sides. */
#pragma once

#include <linux/types.h>

#define SB_MAX_REGIONS 512       /* of executable memory of one process; a power of two */
#define SB_REGION_STEPS 10       /* halvings that find one of them */
#define SB_MAX_FRAMES 512        /* of a stack, those of the kernel among them; a power of two */
#define SB_MAX_KERNEL_FRAMES 64
#define SB_MAX_USER_FRAMES (SB_MAX_FRAMES - SB_MAX_KERNEL_FRAMES)
#define SB_ROWS_IN_BLOCK 1024
#define SB_ROW_STEPS 13          /* halvings that find a row of a page of 4 KiB: at most 4,096 of them */
#define SB_PAGE_SHIFT 12
#define SB_NO_TABLE 0xffffffffu
#define SB_MAX_RULES 65536

/* Executable memory of a process. vaddr = address + bias, in the numbers of the code object. */
struct sb_region {
  __u64 start;
  __u64 limit;
  __u64 bias;
  __u32 code;  /* number of the code object */
  __u32 table; /* number of its table; SB_NO_TABLE: frames are found by frame pointers */
};

/* The executable memory of one process, by address. */
struct sb_process {
  __u32 count;
  __u32 unused;
  struct sb_region regions[SB_MAX_REGIONS];
};

/* The rows of one code object: page p of 4 KiB has those from pages[first_page + p] up to pages[first_page + p + 1]. */
struct sb_table {
  __u64 base; /* vaddr of page 0 */
  __u32 first_page;
  __u32 page_count;
};

/* A row: from this address on, rule `row >> 16` holds. The low half is the address within 64 KiB. */
typedef __u32 sb_row;

struct sb_row_block {
  sb_row rows[SB_ROWS_IN_BLOCK];
};

/* As UnwindRule::Kind of elf/unwind_table.hpp. */
enum sb_rule_kind {
  SB_RULE_UNKNOWN = 0, /* not to be unwound here: the whole sample goes to the profiler */
  SB_RULE_BOTTOM = 1,
  SB_RULE_SP = 2,        /* the frame lies at sp + cfa_offset */
  SB_RULE_FP = 3,        /* at fp + cfa_offset */
  SB_RULE_PLT = 4,       /* at sp + 8, and 8 more where (ip & 15) >= cfa_offset */
  SB_RULE_FP_POINTS = 5, /* at what lies at fp + cfa_offset; the caller's fp lies at fp */
  SB_RULE_SIGNAL = 6     /* the registers of what was interrupted lie above sp */
};

struct sb_rule {
  __u8 kind; /* enum sb_rule_kind */
  __u8 unused;
  __s16 fp_offset; /* where the caller's frame pointer lies, from the frame; 0: it did not change */
  __s32 cfa_offset;
};

/* A sample, as it comes through the ring. The stack's frames come with it when they were not sent before. */
struct sb_sample {
  __u64 time_ns; /* CLOCK_MONOTONIC */
  __u64 stack;   /* hash of its frames */
  __u32 pid;
  __u32 tid;
  __u16 kernel_frames; /* in `frames`, leaf first; both 0: this stack is known */
  __u16 user_frames;   /* behind them, leaf first: code << 48 | vaddr */
  __u32 unused;
  __u64 frames[SB_MAX_FRAMES];
};

/* What happened, by processor. */
struct sb_counters {
  __u64 samples;    /* unwound in the kernel */
  __u64 handed_up;  /* left to the profiler, with a copy of the stack */
  __u64 ring_full;  /* lost */
  __u64 frames;
};
