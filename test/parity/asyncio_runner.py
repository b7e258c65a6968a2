"""Runs scenarios (JSON lines on stdin) with CPython's asyncio, on a clock that skips what is waited for.

Each line of the output is {"ok": value} or {"error": name}, with "ms", the time it took, "ran", the
acts that ran to their end or failure, and "cancelled", the acts that were cancelled, both up to the
moment at which the whole was decided. argv[1] says how siblings of a failure are treated: 'gather'
is asyncio.gather, 'group' is asyncio.TaskGroup.
"""

import asyncio
import json
import selectors
import sys


class SkippingSelector(selectors.DefaultSelector):
    """Instead of waiting, moves the loop's clock."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.skipping = SkippingSelector()
        super().__init__(self.skipping)

    def time(self):
        return self.skipping.now


class Failed(Exception):
    def __init__(self, name):
        super().__init__(name)
        self.name = name


class World:
    def __init__(self, mode):
        self.mode = mode
        self.ran = []
        self.cancelled = []

    async def run(self, node):
        if "act" in node:
            return await self.act(node)
        if "sequence" in node:
            return [await self.run(child) for child in node["sequence"]]
        if "gather" in node:
            return await self.gather(node)
        if "race" in node:
            return await self.within(node.get("timeout"), self.race(node["race"]))
        if "any" in node:
            return await self.within(node.get("timeout"), self.any(node["any"]))
        try:
            return await self.run(node["guarded"])
        except Failed as failure:
            names = node.get("errors")
            if names is not None and failure.name not in names:
                raise
            return f"caught {failure.name}"

    async def act(self, node):
        started = asyncio.get_running_loop().time()
        try:
            await asyncio.sleep(node["ms"] / 1000)
        except asyncio.CancelledError:
            # A failure frees a place of the semaphore before its siblings are cancelled: what takes
            # the place begins and ends in the same moment, and is not counted.
            if asyncio.get_running_loop().time() > started:
                self.cancelled.append(node["act"])
            raise
        self.ran.append(node["act"])
        if "fail" in node:
            raise Failed(node["fail"])
        return node["act"]

    async def within(self, seconds, work, error="Gather.Deadline"):
        if seconds is None:
            return await work
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            raise Failed(error) from None

    async def gather(self, node):
        semaphore = asyncio.Semaphore(node.get("width", len(node["gather"])) or 1)

        async def branch(child):
            async with semaphore:
                work = self.run(child)
                return await self.within(node.get("branchTimeout"), work, "States.Timeout")

        if node["settle"]:
            return await self.settle([branch(child) for child in node["gather"]], node.get("timeout"))
        join = self.group if self.mode == "group" else asyncio.gather
        return await self.within(
            node.get("timeout"), self.joined(join, [branch(child) for child in node["gather"]])
        )

    async def joined(self, join, work):
        return list(await join(*work))

    async def group(self, *work):
        try:
            async with asyncio.TaskGroup() as tasks:
                made = [tasks.create_task(each) for each in work]
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [task.result() for task in made]

    async def settle(self, work, timeout):
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=timeout)
        finally:
            late = [task for task in tasks if not task.done()]
            await self.cancel(late)

        def slot(task):
            if task in late:
                return {"rejected": "Gather.Deadline"}
            failure = task.exception()
            return {"rejected": failure.name} if failure else {"fulfilled": task.result()}

        return [slot(task) for task in tasks]

    async def race(self, children):
        tasks = [asyncio.ensure_future(self.run(child)) for child in children]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pending = [task for task in tasks if not task.done()]
            await self.cancel(pending)
        index = next(i for i, task in enumerate(tasks) if task not in pending)
        return {"index": index, "value": tasks[index].result()}

    async def any(self, children):
        tasks = [asyncio.ensure_future(self.run(child)) for child in children]
        pending = set(tasks)
        try:
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for index, task in enumerate(tasks):
                    if task in done and not task.exception():
                        return {"index": index, "value": task.result()}
            raise Failed("GatherFailed")
        finally:
            await self.cancel([task for task in tasks if not task.done()])

    async def cancel(self, tasks):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def outcome(node, mode):
    world = World(mode)
    loop = SkippingLoop()

    async def whole():
        try:
            told = {"ok": await world.run(node)}
        except Failed as failure:
            told = {"error": failure.name}
        return {
            **told,
            "ms": round(loop.time() * 1000),
            "ran": sorted(world.ran),
            "cancelled": sorted(world.cancelled),
        }

    try:
        return loop.run_until_complete(whole())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


for line in sys.stdin:
    print(json.dumps(outcome(json.loads(line), sys.argv[1])))
