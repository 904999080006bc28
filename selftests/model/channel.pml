/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The algorithm of mm/sluice/channel.c, step by step, for spin: PRODUCERS processes push BATCHES batches each, one consumer
 * pops. Every interleaving of the steps is visited; a producer that is interrupted by another one, as by an NMI, is one
 * of them. Memory is sequentially consistent here: what weaker ordering could do to the reuse of a slot is what the litmus
 * tests look at (Documentation/litmus-tests/sluice in the kernel tree).
 *
 * Each step below that reads or writes shared memory is one access, or one atomic operation, of channel.c. Names are its own.
 *
 * What is proved: no slot is filled before it was emptied; every entry is delivered exactly once, or refused and counted;
 * entries of one producer arrive in order; at the end nothing is left taken; nobody waits for anybody (no deadlock).
 *
 * Compiled with BREAK_..., it breaks one step, to see that the proof notices.
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef BATCHES
#define BATCHES 2
#endif
#define BATCH	2	/* entries of a batch */
#define SIZE	2	/* slots */

#define ENTRIES	(PRODUCERS * BATCHES * BATCH)

byte slot[SIZE];	/* 0: empty */
byte used;		/* signed in no context: never negative here */
byte head;
byte tail;

byte refused;
byte delivered;
bool seen[ENTRIES + 1];
byte last[PRODUCERS];	/* the newest entry of each that was delivered */
byte running = PRODUCERS;

/* Positions only matter modulo SIZE: keep the state space finite. */
#define NEXT(position, n)	(((position) + (n)) % SIZE)

inline fill(position, entry)
{
	assert(slot[position] == 0);
	slot[position] = entry
}

proctype producer(byte me)
{
	byte batch, nr, before, granted, position, i;

	for (batch : 0 .. BATCHES - 1) {
		granted = 0;
		/* buy_slots(): spare a full channel the contention */
		if
		:: used >= SIZE -> nr = 0
		:: else -> nr = BATCH
		fi;
		if
		:: nr > 0 ->
#ifdef BREAK_BUY_IS_TWO_STEPS
			before = used;
			used = before + nr;
#else
			d_step { before = used; used = used + nr }	/* fetch_add_acquire */
#endif
			if
			:: before >= SIZE -> granted = 0
			:: else -> granted = (nr < SIZE - before -> nr : SIZE - before)
			fi;
			if
#ifdef BREAK_EXCESS_IS_KEPT
			:: granted < nr -> skip
#else
			:: granted < nr -> used = used - (nr - granted)	/* atomic_sub */
#endif
			:: else
			fi;
#ifdef BREAK_NOTHING_IS_REFUSED
			granted = nr;
#endif
		:: else
		fi;
		if
		:: granted > 0 ->
#ifdef BREAK_PLACE_IS_TWO_STEPS
			position = head;
			head = NEXT(position, granted);
#else
			d_step { position = head; head = NEXT(head, granted) }	/* fetch_add */
#endif
			i = 0;
			do
			:: i < granted ->
				fill(NEXT(position, i), 1 + (me * BATCHES + batch) * BATCH + i);
				i++
			:: else -> break
			od
		:: else
		fi;
		atomic { refused = refused + BATCH - granted; nr = 0; before = 0; position = 0; i = 0 }
	}
	running--
}

inline deliver(entry)
{
	assert(!seen[entry]);
	seen[entry] = true;
	assert(entry > last[(entry - 1) / (BATCHES * BATCH)]);
	last[(entry - 1) / (BATCHES * BATCH)] = entry;
	delivered++
}

active proctype consumer()
{
	byte entry, nr;
	bool over;

	do
	:: true ->
		over = running == 0;	/* then this pop is the last one that can find something */
		nr = 0;
		do
		:: entry = slot[NEXT(tail, nr)];
			if
			:: entry == 0 || nr == SIZE -> break
			:: else
			fi;
#ifdef BREAK_FREE_BEFORE_CLEAR
			used--;
#endif
			slot[NEXT(tail, nr)] = 0;
			atomic { deliver(entry) };
			nr++
		od;
		tail = NEXT(tail, nr);
#ifndef BREAK_FREE_BEFORE_CLEAR
		if
		:: nr > 0 -> used = used - nr	/* fetch_sub_release */
		:: else
		fi;
#endif
		if
		:: over && nr == 0 -> break
		:: else
		fi
	od;
	assert(delivered + refused == ENTRIES);
	assert(used == 0);
	assert(head == tail)
}

init
{
	byte p;

	atomic {
		for (p : 0 .. PRODUCERS - 1) {
			run producer(p)
		}
	}
}
