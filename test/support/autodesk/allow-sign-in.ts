/** What a person does who presses the button: the form is sent, and the way back followed. Answers the last page. */
export async function allowSignIn(address: string): Promise<string> {
  const { origin, pathname, searchParams } = new URL(address);
  searchParams.set('decision', 'allow');
  return (await fetch(origin + pathname, { method: 'POST', body: searchParams })).text();
}
