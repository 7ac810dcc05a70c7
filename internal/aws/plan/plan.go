// Package plan computes what apply would do to an account, and what would come of
// it. It does no I/O and reads no clock.
//
// # Vocabulary, in the order in which things are made
//
// Options (options.go) are the wishes: a topic, subscribers, names, what may be
// replaced. For (for.go) judges each account, lets a builder plan its repair, simulates
// the actions, and judges what would be: change.Plan holds both reports.
//
// A builder works on one account. It chooses the trail whose log group carries the new
// filters, and then goes through the findings in order. A step (step.go) is what would
// repair one control, in the order of the chain: a subscriber, an alarm that works, a
// filter with its alarm, a topic. A step is kept only if the account, simulated with it,
// is better off (improves): so every planned action closes something.
//
// What our objects look like and whose an object is comes from package desired, what an
// action is and does from package action. An object of someone else in the way is a
// conflict and ends the plan; one of ours that someone edited is a drift and stays,
// unless a wish names it (replace.go); one that code keeps is left to that code.
//
// Audit (advise.go) is an audit that also knows what a plan would do: it tries wishes
// for each finding and prints the command of the first that repairs it, or says that
// nothing that apply adds can help. meetSubscribers (wish.go) answers for every
// subscriber that was asked for, with an action or with a reason why there is none.
//
// Destroy (destroy.go) plans the opposite: what is known to be ours, but nothing that
// something which stays stands on.
//
// # What is assumed
//
// Simulation (package action) is AWS's answer to a write, as far as an audit can see it.
// A plan with a conflict is not carried out at all. A second plan after an apply is
// empty.
package plan
