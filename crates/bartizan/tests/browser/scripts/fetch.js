// What the console answers at the address in `arguments[0]`, asked from within the page, as its own script would.
const answer = await fetch(arguments[0]);
return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
