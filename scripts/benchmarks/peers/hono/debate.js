/**
 * A peer: Hono's streamSSE and the openai package on Node, as their own docs show them. Nothing is durable.
 *
 * `node debate.js BASE_URL` prints its address. GET /debate?topic= holds a debate and streams it; POST /broadcast?topic=
 * holds one that all viewers of GET /watch see.
 */
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import OpenAI from 'openai';

const openai = new OpenAI({ baseURL: process.argv[2], apiKey: 'none' });
const app = new Hono();
const viewers = new Set();

async function* debate(topic) {
  const messages = [{ role: 'user', content: `Debate: ${topic}` }];
  for (const agent of ['Optimist', 'Skeptic', 'Moderator']) {
    yield { type: 'agent_start', agent };
    let speech = '';
    const stream = await openai.chat.completions.create({
      model: 'paced',
      messages: [{ role: 'system', content: `You are the ${agent}.` }, ...messages],
      stream: true,
    });
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta?.content;
      if (!content) continue;
      speech += content;
      yield { type: 'token', agent, content };
    }
    messages.push({ role: 'user', content: `${agent}: ${speech}` });
    yield { type: 'agent_end', agent, content: speech };
  }
  yield { type: 'done' };
}

app.get('/debate', (c) =>
  streamSSE(c, async (stream) => {
    for await (const event of debate(c.req.query('topic'))) {
      await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
    }
  }),
);

app.post('/broadcast', (c) => {
  (async () => {
    for await (const event of debate(c.req.query('topic'))) {
      const message = { event: event.type, data: JSON.stringify(event) };
      for (const stream of viewers) stream.writeSSE(message);
    }
  })();
  return c.body(null, 202);
});

app.get('/watch', (c) =>
  streamSSE(c, async (stream) => {
    viewers.add(stream);
    await new Promise((left) => stream.onAbort(left));
    viewers.delete(stream);
  }),
);

// Not serve(), which takes no backlog: it is as for the others (see debate.py).
const server = createAdaptorServer({ fetch: app.fetch });
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
